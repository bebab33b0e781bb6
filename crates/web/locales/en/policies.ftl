# Policies: what was published, the files, changing and trying them, and the replay of decisions.

policies-title = Policies
policies-text = The partner's rules as files. Every decision names the policy it was made under; nothing that was published is ever changed.
policies-files-now = Files in force
policies-change = Change the files
policy-title = Policy
policy-number = Number
policy-from = Decides from
policy-by = By
policy-published = published
policy-files = Files
policy-edit = Change from here
policy-edit-these = Change these files
policy-in-force = In force
policy-waits = Not yet in force
policy-past = Past
policy-changes = What it changed
policy-no-change = It sets every value as before.
policy-file = File
policy-key = Value
policy-was = Was
policy-becomes = Becomes
draft-title = Change policy files
draft-text = Nothing is kept until it is published. The form carries your draft: leave the page, and it is gone.
draft-good = The files pass the check.
draft-wrong = { $count ->
    [one] 1 place is wrong. The files can't be tried or published like this.
   *[other] { $count } places are wrong. The files can't be tried or published like this.
}
draft-hint = Instead
draft-files = Files
draft-edited = changed
draft-paste = Write here, or paste a whole file.
draft-upload = Take in files from your computer
draft-upload-hint = Files whose names end in .toml. They take the place of those of the same name. This needs a browser with scripts; without them, paste each file.
draft-taken = Taken in. Press the button that checks.
draft-changes = What is set otherwise than in the policy in force
draft-ends = When you are ready
draft-check = Check the files
draft-try = Try on the real history
draft-minutes = Minutes until a proposal is taken to be approved
draft-minutes-hint = Empty: new proposals stay unanswered.
draft-from = Decides from (empty: at once)
draft-publish = Publish
draft-prove = Prove your identity anew, then publish again
done-policy-published = The policy is published. Every account takes it up in its own time.
trial-title = What would have been otherwise
trial-run = { $count } histories were run; for { $others } of them something would have been otherwise.
trial-nothing = Nothing would have been otherwise.
trial-was = As it was
trial-would-be = As it would have been
trial-not-there = no case
trial-opened = opened
trial-stopped = stopped
trial-lost-before = Lost, as it was
trial-lost-after = Lost, as it would be
trial-counts = Proposals { $proposed }, would be { $wouldpropose }. Refused { $refused }, would be { $wouldrefuse }. Answers that would answer nothing: { $dropped }.
trial-first-order = What people and Microsoft would have done instead is not known: it is a comparison of first order.
replay-title = Replay
replay-text = Every decision is made again from the recorded facts, by the code that runs live, and compared byte for byte: 100 customers at a time, those with the gravest cases first.
replay-send = Make the decisions again
replay-next = The next customers
replay-verdict = How it came out
replay-same = the same, to the byte
replay-differs = differs from fact { $number } on
replay-facts = Facts
replay-decided = Decided
replay-all-same = { $count ->
    [one] The decisions of 1 customer came out the same.
   *[other] The decisions of { $count } customers came out the same.
}
replay-some-differ = { $count ->
    [one] The decisions of 1 customer came out otherwise.
   *[other] The decisions of { $count } customers came out otherwise.
}
replay-left-out = { $count ->
    [one] 1 customer was left out: the history is too long, or the time was over.
   *[other] { $count } customers were left out: the history is too long, or the time was over.
}
