// Shell completion: `seatrial complete zsh` prints the script for a shell (zsh, bash, fish, powershell).
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

export function addCompletion(program: Command): void {
  tab(program)
}
