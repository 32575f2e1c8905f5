// The dialogs of a decision, loaded when first opened.
import { lazy } from 'react'

export const AcceptDialog = lazy(() => import('./accept-dialog.tsx').then((all) => ({ default: all.AcceptDialog })))
export const RejectDialog = lazy(() => import('./reject-dialog.tsx').then((all) => ({ default: all.RejectDialog })))
export const SnoozeDialog = lazy(() => import('./snooze-dialog.tsx').then((all) => ({ default: all.SnoozeDialog })))
