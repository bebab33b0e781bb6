# Texts of the interface. A problem has a title and a detail; a reason is one sentence.

problem-badRequest = The request can't be read
    .detail = The request is not one that this address understands.
problem-unknownParameter = Unknown parameter
    .detail = The parameter `{ $parameter }` is not known here. Leave it out or correct its name.
problem-badParameter = A parameter does not go
    .detail = The parameter `{ $parameter }` has a value that does not go here; `errors` says why.
problem-badFilter = The filter does not go
    .detail = At character { $at }: `{ $term }` is not known in this filter. Known are: { $known }.
problem-badJson = The body is no JSON
    .detail = The body can't be read as JSON; `errors` says where it breaks off.
problem-unauthenticated = Sign in
    .detail = A valid token is needed: `Authorization: Bearer …`. This one is missing, unknown, expired or revoked.
problem-roleMissing = Your role does not allow this
    .detail = None of your roles allows this. These do: { $roles }.
problem-scopeTooNarrow = You do not see every customer
    .detail = This concerns the whole partner, and you see only part of its customers.
problem-proposerCannotApprove = You proposed this action yourself
    .detail = Whoever proposed an action can't approve it. Another person with one of these roles has to: { $roles }.
problem-reauthenticationNeeded = Prove your identity anew
    .detail = This needs a second factor that is five minutes old at most: send a code of your authenticator app to `/api/v1/me/reauthentication`, and the token you get as `Borgen-Reauthentication`.
problem-notYourself = You can't change this for yourself
    .detail = Nobody changes their own roles, scope or access. Another user administrator has to.
problem-foreignForm = The form does not come from here
    .detail = It was not sent by a page of this session. Open the page again and send it from there.
problem-signInRefused = That did not go
    .detail = Name, password or code is wrong. Which of them is not told.
problem-noRole = You have no role here
    .detail = Entra ID knows you, but nobody has given you a role of Borgen there. Ask whoever manages your applications.
problem-linkNoGood = This link is no longer good
    .detail = A link is good once and for a quarter of an hour. Ask whoever gave it to you for a new one.
problem-tooManyTries = Too many tries
    .detail = Too many tries have failed. Wait { $seconds } seconds before the next one.
problem-tokensAreOwn = Only the person itself makes tokens
    .detail = People make their own tokens, under their profile or at `/api/v1/me/tokens`. You can hand out a token only to a machine that may not approve.
problem-alreadyEnrolled = This person signs in already
    .detail = Whoever signs in is not invited anew. If the person has lost password and authenticator app, take this user's access away and add the person as a new user.
problem-noLocalAccount = You have no password here
    .detail = You sign in by Entra ID or by token alone. Passwords and authenticator apps are changed where you have them.
problem-secondAdministratorNeeded = Another Global administrator has to want this too
    .detail = It is recorded that you want this policy, by which one person alone decides. When another Global administrator publishes the same files within a day, they are published.
problem-notAlone = You are not alone here
    .detail = One person alone can't publish a policy by which one person alone decides, as long as others work here. Add another Global administrator.
problem-weakPassword = Choose another password
    .detail = { $why ->
        [password_too_short] It needs at least 12 characters.
        [password_too_long] It may have at most 256 characters.
        [password_has_name] Your name is in it.
       *[other] It is among those that are tried first.
    }
problem-wrongCode = The code is wrong
    .detail = The code is not the one that your app shows now, or it was used. Each is good once: wait for the next.
problem-notFound = There is no such thing
    .detail = There is nothing under this address, or nothing that you may see. Check the id and the address: the interface begins at /api/v1 and is described at /api/v1/openapi.json.
problem-methodNotAllowed = This address has no such method
    .detail = The header `Allow` names the methods of this address.
problem-notAcceptable = None of the wanted forms is to be had
    .detail = This address answers with { $produces }.
problem-requestRunning = The same request is under way
    .detail = A request with the same `Idempotency-Key` has not ended yet. Ask again in a few seconds.
problem-notInThisState = It is past this point
    .detail =
        This no longer goes: it is { $state ->
            [proposed] still proposed
            [released] under way
            [finished] finished
            [rejected] rejected
            [expired] void, nobody approved it in time
            [stopped] stopped
            [open] open
            [closed] closed
            [resolved] resolved already
            [over] over
            [ended] ended
            [not_to_be_reviewed] not one that waits for a review
            [not_read_back] not yet read back at Microsoft, of what was on its way when it was stopped
            [not_to_be_taken_on] not one that waits to be taken on
           *[other] { $state }
        }. Read it again.
problem-actionOpen = An action of this case is still open
    .detail = Action { $action } would still be carried out, though this outcome says that there is nothing to stop. Withdraw or stop it first, and then close the case.
problem-otherParameters = The action is not the one you were shown
    .detail = The parameters that you approve are not those of the action. Read it again and approve what you see then.
problem-nothingToSnooze = No rule to snooze
    .detail = The case has no signal of a rule that was named. Microsoft's alerts can't be snoozed: answer them.
problem-aboveLimit = More than you may approve
    .detail = The action has more at stake than the { $limit } that you may approve, or it is not known how much. Somebody with a higher limit has to approve it.
problem-proposalExpired = The proposal has expired
    .detail = Nobody approved before { $at }. Propose the action again.
problem-alreadyApproved = You have approved this already
    .detail = Your approval is recorded. Another person's is still missing.
problem-pageAnswered = Another person has taken this on: they approve or reject it
    .detail = Somebody was woken about this action and has taken it on. That person approves or rejects it.
problem-readOnly = Written by a later release
    .detail = A later release has written to this account, so this one only reads it. Use the later release.
problem-tooMany = There are too many
    .detail = At most { $limit } are possible here. Remove one first.
problem-stale = It was changed meanwhile
    .detail = What you based this on is no longer how it is. Read it again, look, and send the new `ETag` as `If-Match`.
problem-bodyTooLarge = The body is too large
    .detail = At most { $limit } bytes are taken here.
problem-unsupportedMediaType = This kind of body is not taken
    .detail = Send JSON with `Content-Type: application/json`.
problem-badBody = The body is not what is wanted
    .detail = The body is JSON, but something in it does not go; `errors` says what and where.
problem-keyReused = The key was used for another request
    .detail = This `Idempotency-Key` came with another request before. Use a new key for a new request.
problem-refused = The policy refuses this
    .detail = Nothing was changed. The reasons follow.
problem-policyRefused = The policy files do not pass the check
    .detail = Nothing was published; `errors` names every wrong place by file, line and column.
problem-ifMatchMissing = The state it is based on is missing
    .detail = Send the `ETag` of what you have read as `If-Match`, so that no change is lost.
problem-internal = Something went wrong here
    .detail = The request could not be carried out. Try again, and name the trace id if it stays so.
problem-busy = Too much at once
    .detail = More requests are under way than are taken at once. Try again in a few seconds.
problem-timedOut = It took too long
    .detail = The request was given up. Read what it was about before you try again.
problem-noPolicy = No policy has been published
    .detail = Nothing can be decided before policy files are published: `borgen policy publish`.

reason-rule-fired = The rule { $rule } fired; its author holds a match to be { $level }.
reason-below-level = The rule's level is { $level }; the policy makes signals from { $minimum }.
reason-microsoft-alert = Microsoft raised an alert of the type { $alertType }.
reason-burns = What runs costs at least { $perHour } an hour.
reason-burn-assumed = No rate is known, so { $perHour } an hour is assumed.
reason-signal-and-alert = Our own signal and Microsoft's alert tell the same story.
reason-case-closed = The case { $case } was closed and this alert was named.
reason-case-claimed = Someone took the case.
reason-early-answer-due = The policy's time for an early answer was reached.
reason-asked-by-person = A person asked for it.
reason-protected = The tenant is on the protected list.
reason-too-many-subscriptions = It would take { $count } Azure subscriptions; one action may take { $limit }.
reason-nothing-to-stop = Nothing is left to stop.
reason-no-playbook = The policy has no playbook called { $playbook }.
reason-no-open-case = The case is not open.
reason-already-under-way = The action { $action } of the same case is on its way.
reason-no-target = No Azure subscription of the case is known to be attacked.
reason-emergency-not-allowed = The emergency class is switched off, or covers less money.
reason-approved-by = Approved by the role { $role }.
reason-page-unanswered = Approved by the proposer alone, since nobody answered the page in time.
reason-nobody-paged = Approved by the proposer alone: nobody could be paged, so the time counted from the proposal.
reason-single-operator = Approved by the proposer alone, since one person runs this partner.
reason-waits-for-plan = The plan { $plan } can't be suspended while Azure subscriptions under it are active.
reason-cap-reached = The cap per hour is used up until { $until }.
reason-step-failed = A step did not come about: { $code }.
reason-too-many-open = More are open than one customer's file holds.
reason-snooze-over = The time until { $until } that a person gave it is over.
reason-burn-doubled = What runs now costs { $perHour } an hour: at least twice what it did when a person set it aside.

readiness-store = The store does not answer.
readiness-policy = No policy has been published: `borgen policy publish`.
