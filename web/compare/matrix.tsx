// Tests x patches: every candidate's added tests, run on the base and on every candidate.
import type { TestMatrix } from '@seatrial/protocol/review'
import { plural } from '../parts/format.ts'

interface MatrixProps {
  matrix: TestMatrix
  nameOf(trialId: string): string
}

export const Matrix = ({ matrix, nameOf }: MatrixProps) => (
  <div className="overflow-x-auto">
    <table className="tabular text-xs">
      <caption className="pb-1.5 text-left text-2xs font-semibold tracking-wide text-ink-faint uppercase">
        Added tests, run everywhere
      </caption>
      <thead>
        <tr className="text-left text-ink-faint">
          <th scope="col" className="py-1 pr-4 font-medium">
            Tests of
          </th>
          {matrix.columns.map((column) => (
            <th key={column} scope="col" className="px-3 py-1 text-center font-medium">
              on {column === 'base' ? 'the base' : nameOf(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {matrix.rows.map((row, index) => (
          <tr key={row.trialId} className="border-t border-line">
            <th scope="row" className="py-1 pr-4 text-left font-medium" title={row.tests.join('\n')}>
              {nameOf(row.trialId)}{' '}
              <span className="font-normal text-ink-faint">{plural(row.tests.length, 'test')}</span>
            </th>
            {matrix.columns.map((column, at) => {
              const cell = matrix.cells[index]?.[at] ?? null
              const tone = !cell
                ? 'text-warn'
                : cell.passed === cell.total
                  ? 'text-ship bg-ship-wash'
                  : 'text-skip bg-skip-wash'
              return (
                <td key={column} className={`px-3 py-1 text-center ${tone}`}>
                  {cell ? `${cell.passed}/${cell.total}` : 'not run'}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
