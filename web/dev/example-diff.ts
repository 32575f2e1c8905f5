// The example change: a session check, its tests, a workflow, a lockfile and a picture.
import { fileDiff } from './patch-text.ts'

export const apiDiff = [
  fileDiff(
    'src/auth/session.ts',
    `
@@ -1,7 +1,10 @@
 import { verify } from './token.ts'
 import type { Store } from '../store.ts'
 
+/** How far the clocks of two machines may differ. */
+export const SKEW_MS = 30_000
+
 export interface Session {
   userId: string
   exp: number
 }
@@ -82,9 +85,12 @@ export function openSession(token: string, now = Date.now()): Session | null {
 export function refresh(session: Session, now = Date.now()): Session | null {
   const ttl = config.ttlMs
   const { exp } = session
-  if (now > exp) return null
-  return { ...session, exp: now + ttl }
+  // The issuing server's clock may be ahead of ours.
+  if (now > exp + SKEW_MS) return null
+  const issued = Math.max(now, exp - ttl)
+  return { ...session, exp: issued + ttl }
 }
 
 export function close(session: Session, store: Store): void {
   store.delete(session.userId)
 }
@@ -120,4 +126,4 @@
 
 function sweep(store: Store): void {
-  for (const [key, session] of store) if (Date.now() > session.exp) store.delete(key)
+  for (const [key, session] of store) if (Date.now() > session.exp + SKEW_MS) store.delete(key)
 }`,
  ),
  fileDiff(
    'src/auth/session.test.ts',
    `
@@ -40,4 +40,19 @@ describe('refresh', () => {
   test('refreshes an expired session', () => {
     expect(refresh(session, session.exp + 1)).not.toBeNull()
   })
+
+  test('accepts a clock 29 s ahead', () => {
+    expect(refresh(session, session.exp + 29_000)).not.toBeNull()
+  })
+
+  test('refuses a clock 31 s ahead', () => {
+    expect(refresh(session, session.exp + 31_000)).toBeNull()
+  })
+
+  test('refresh stays strict', () => {
+    const old = { ...session, kind: 'refresh' as const }
+    expect(verifyRefresh(old, old.exp + 1)).toBeNull()
+  })
 })`,
  ),
  fileDiff(
    '.github/workflows/ci.yml',
    `
@@ -11,6 +11,6 @@ jobs:
       - uses: actions/setup-node@v6
         with:
           node-version: 24
-      - run: npm test
+      - run: npm test -- --retry 0
         env:
           DATABASE_URL: postgres://localhost/test`,
    { sensitive: true },
  ),
  fileDiff(
    'package-lock.json',
    `
@@ -3,4 +3,4 @@
   "version": "2.3.0",
-  "lockfileVersion": 2,
+  "lockfileVersion": 3,
   "requires": true,`,
    { collapsed: true },
  ),
  fileDiff('docs/clock.png', '@@ -0,0 +1,1 @@\n+x', {
    status: 'added',
    binary: true,
    hunks: [],
    added: 0,
    removed: 0,
    oldMode: null,
  }),
]

export const apiDiffB = [
  fileDiff(
    'src/auth/session.ts',
    `
@@ -82,9 +82,9 @@ export function openSession(token: string, now = Date.now()): Session | null {
 export function refresh(session: Session, now = Date.now()): Session | null {
   const ttl = config.ttlMs
   const { exp } = session
-  if (now > exp) return null
+  if (now > exp + 60_000) return null
   return { ...session, exp: now + ttl }
 }
 
 export function close(session: Session, store: Store): void {
   store.delete(session.userId)
 }`,
  ),
  fileDiff(
    'src/auth/session.test.ts',
    `
@@ -38,6 +38,8 @@ describe('refresh', () => {
   const session = open('u1')
 
   test('refreshes an expired session', () => {
-    expect(refresh(session, session.exp + 1)).not.toBeNull()
+    const again = refresh(session, session.exp + 1) ?? refresh(session, session.exp)
+    expect(again).toBeTruthy()
   })
 `,
  ),
]
