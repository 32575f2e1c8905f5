// One event as one line for a terminal, or null for what is not worth a line. Agent text is plain and cut.
import type { EventBody, HouseEvent } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { plainText } from '@seatrial/protocol/plain-text'
import type { Context } from './context.ts'
import { money, oneLine, stateWord } from './format.ts'

type Color = Context['color']
type Tell<Type extends EventBody['type']> = (body: Extract<EventBody, { type: Type }>, color: Color) => string | null

const tells: { [Type in EventBody['type']]: Tell<Type> } = {
  'task.submitted': ({ title }) => `submitted: ${oneLine(title)}`,
  'task.moved': ({ to, note }, color) => `task is ${stateWord(to, color)}${note ? `: ${oneLine(note, 120)}` : ''}`,
  'trial.opened': ({ contender, parentId }) => `trial of ${contender}${parentId ? ` after ${parentId}` : ''}`,
  'trial.moved': ({ to, failure }, color) =>
    `${stateWord(to, color)}${failure ? `: ${oneLine(failure.sentence, 160)}` : ''}`,
  'trial.taken-over': ({ sentence }) => sentence,
  'workspace.progress': ({ sentence }, color) => color.dim(oneLine(sentence, 120)),
  'workspace.ready': ({ rung, readyMs }) => `workspace ready in ${Math.round(readyMs)} ms (${rung})`,
  'agent.started': ({ agent, version }) => `agent ${agent}${version ? ` ${version}` : ''} started`,
  'agent.said': ({ role, text }, color) => (role === 'thought' ? null : color.dim(`“${oneLine(text, 160)}”`)),
  'agent.used-tool': ({ call }, color) =>
    call.status === 'completed' || call.status === 'failed'
      ? `${call.status === 'failed' ? color.red('✗') : '·'} ${oneLine(call.title, 120)}`
      : null,
  'agent.planned': ({ entries }) => {
    const done = entries.filter((entry) => entry.status === 'completed').length
    return `plan: ${done} of ${entries.length} done`
  },
  'agent.stopped': () => null,
  'checkpoint.made': ({ checkpoint: made }, color) => color.dim(`checkpoint ${made.number} ${oneLine(made.label, 60)}`),
  'checkpoint.restored': ({ checkpointId }) => `went back to ${checkpointId}`,
  'message.sent': ({ text }) => `message: ${oneLine(text)}`,
  'check.started': () => null,
  'check.finished': ({ on, outcome, sentence }, color) =>
    `${outcome === 'passed' ? color.green('✓') : color.red('✗')} ${on}: ${oneLine(sentence, 120)}`,
  'candidate.offered': ({ candidate }) =>
    `candidate: +${candidate.added} -${candidate.removed} in ${candidate.files} files`,
  'review.given': ({ stance, engine, vote, text }) =>
    `${stance}${engine === 'rules' ? '' : ` (${oneLine(engine, 60)})`} says ${vote}: ${oneLine(text, 120)}`,
  'selection.made': ({ sentence }) => oneLine(sentence, 160),
  'usage.metered': ({ usage, model }, color) =>
    color.dim(`${model}: ${usage.inputTokens + usage.outputTokens} tokens, ${money(usage.micros)}`),
  'budget.spent': ({ sentence }, color) => color.red(sentence),
  'egress.asked': ({ host, port, verdict, sentBytes, receivedBytes }, color) =>
    color.dim(
      `network: ${plainText(host)}:${port} ${verdict}${verdict === 'allowed' ? `, ${sentBytes} bytes sent, ${receivedBytes} received` : ''}`,
    ),
  'ask.opened': ({ ask }, color) =>
    color.yellow(`? ${oneLine(ask.text, 160)} [${ask.options.join(' / ')}]  seatrial answer ${ask.id} …`),
  'ask.answered': ({ answer }) => `answered: ${oneLine(answer)}`,
  'decision.made': ({ kind }) => `decision: ${kind}`,
  'decision.applied': ({ result }) => `${result.outcome}: ${result.files.length} files`,
  'decision.undone': () => 'undone',
  'decision.kept': ({ sentence }, color) => color.red(`not undone: ${oneLine(sentence, 160)}`),
  'outcome.found': ({ kind }) => `outcome: ${kind}`,
  'verdict.changed': ({ slug, label }) => `verdict ${slug}: ${label}`,
  'model.progress': ({ model, sentence }) => `${model}: ${sentence}`,
}

export function tellEvent(event: HouseEvent, task: Pick<TaskView, 'trials'>, color: Color): string | null {
  const line = (tells[event.body.type] as Tell<EventBody['type']>)(event.body as never, color)
  if (!line) return null
  const trial = task.trials.find((each) => each.id === event.trialId)
  const who = task.trials.length > 1 && trial ? `${trial.contender} ` : ''
  return `${color.dim(event.at.slice(11, 19))} ${who ? color.cyan(who) : ''}${line}`
}
