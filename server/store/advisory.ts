// The advisory locks of a shared database, each held until its transaction ends unless said otherwise.
export const advisory = {
  /** Held by a session while it migrates. */
  migrate: 742001,
  /** Sequence order of events is commit order. */
  log: 742002,
  /** One reservation at a time. */
  budgets: 742003,
  /** Who sits at the database. */
  seat: 742004,
}
