// The house mark: a sail over a hull.
export const Mark = ({ size = 22 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <path
      d="M16.5 3v17M16.5 4.5 25 18.5h-8.5zM14.6 9 8 18.5h6.6z"
      fill="currentColor"
      stroke="currentColor"
      strokeWidth="1.3"
      strokeLinejoin="round"
    />
    <path d="M4.5 21.5h23L24 27.5H8z" fill="var(--brass)" />
  </svg>
)
