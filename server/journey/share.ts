// Workspaces on a shared database: what is made here is offered to other machines, what they made is brought when it is needed.
import type { Workspace, Workspaces } from '../workspace/workspace.ts'
import type { Exchange } from './exchange.ts'

export function shareWorkspaces(own: Workspaces, exchange: Exchange): Workspaces {
  const { offer, need } = exchange

  const shared = (workspace: Workspace): Workspace => {
    const { projectId, trialId } = workspace
    return {
      ...workspace,
      get lastCommit() {
        return workspace.lastCommit
      },
      get readyMs() {
        return workspace.readyMs
      },
      async checkpoint(message) {
        const snapshot = await workspace.checkpoint(message)
        if (snapshot) await offer(projectId, trialId, snapshot.commit)
        return snapshot
      },
      async restore(commit) {
        await need(projectId, commit)
        await workspace.restore(commit)
      },
    }
  }

  return {
    ...own,
    async resolveBase(project, spec) {
      const base = await own.resolveBase(project, spec)
      await offer(project.id, null, base.commit)
      return base
    },
    async baseLayer(project, base, runSetup, say) {
      await need(project.id, base.commit)
      await exchange.noteSensitive(project.id, project.settings.sensitive)
      return own.baseLayer(project, base, runSetup, say)
    },
    async create(trialId, layer, from) {
      const workspace = shared(await own.create(trialId, layer))
      if (from) await workspace.restore(from)
      return workspace
    },
    async reopen(trialId) {
      const workspace = await own.reopen(trialId)
      return workspace && shared(workspace)
    },
    async diff(projectId, from, to, options) {
      await need(projectId, from)
      await need(projectId, to)
      return own.diff(projectId, from, to, options)
    },
    async patch(projectId, from, to) {
      await need(projectId, from)
      await need(projectId, to)
      return own.patch(projectId, from, to)
    },
    async readFile(projectId, tree, path) {
      await need(projectId, tree)
      return own.readFile(projectId, tree, path)
    },
    async listFiles(projectId, tree) {
      await need(projectId, tree)
      return own.listFiles(projectId, tree)
    },
    async candidate(projectId, base, commit) {
      await need(projectId, commit)
      return own.candidate(projectId, base, commit)
    },
    async compose(projectId, base, picks) {
      for (const { tree } of picks) await need(projectId, tree)
      const snapshot = await own.compose(projectId, base, picks)
      await offer(projectId, 'composed', snapshot.commit)
      return snapshot
    },
  }
}
