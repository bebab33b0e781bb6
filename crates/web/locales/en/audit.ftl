# The audit log.

audit-title = Audit log
audit-text = Everything that was said, decided and done, with who and why. Nothing in it is ever changed.
audit-empty = Nothing is sealed yet
audit-empty-text = Facts appear here as soon as they are sealed, which takes a second.
audit-proof = Proof
audit-sealed = Sealed facts under the signature
audit-signed = Signed
audit-root = Root of the tree
audit-origin = Store
audit-note = The signed text
audit-note-hint = Keep it somewhere else. With it anybody can prove that the log was not changed afterwards.
audit-nothing-signed = Nothing has been signed yet.
audit-export = Export the whole log
audit-export-hint = One fact on each line; personal data stay sealed. Checked without this program's help by
audit-check = Check the journal now
audit-check-hint = Every fact is read again, and every chain, position, root and signature is reckoned anew.
audit-checked = The journal was checked
audit-sound = Nothing is wrong.
audit-not-sound = Something is wrong.
audit-accounts = Accounts
audit-covered = Covered by a signature
audit-not-proven = That nothing was cut off at the end, and that nothing was written anew as a whole, can only be seen against a checkpoint that was kept elsewhere: export the journal and check it with the command above.
