// Providers around the screens, and the door before them.
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { cache } from '../data/queries.ts'
import { Door } from '../login/door.tsx'
import { router } from './router.tsx'

export const App = () => (
  <QueryClientProvider client={cache}>
    <Door>
      <RouterProvider router={router} />
    </Door>
  </QueryClientProvider>
)
