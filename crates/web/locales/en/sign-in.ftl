# The pages of the doors: signing in, the first time, the profile, users.

sign-in-name = Name
sign-in-password = Password
sign-in-code = Code from your authenticator app
sign-in-code-hint = Six digits. A recovery code goes here too.
sign-in-entra = Sign in with Microsoft Entra ID
sign-out = Sign out

welcome-title = Welcome
welcome-text = Choose how you will sign in. Nobody else sees what you choose, whoever gave you this link included.
welcome-name = You sign in as
welcome-password = New password
welcome-password-hint = At least 12 characters. Several words that have nothing to do with each other make a good one.
welcome-send = Begin
totp-text = Add this key to your authenticator app, as a time-based one:
totp-open = Open it in the app on this device
totp-code = The code that the app shows

recovery-title = Your recovery codes
recovery-text = Each of them is good once, when you do not have your app. They are shown only now: keep them where nobody else looks.
recovery-go = I have kept them

prove-title = Prove your identity anew
prove-text = What you are about to do needs a second factor that is five minutes old at most.
prove-send = Go on
prove-entra = Sign in anew with Microsoft Entra ID
done-proved = Thank you. Go on where you were.

profile-title = Your profile
profile-password = Password
profile-current = Password until now
profile-password-send = Change the password
profile-totp = Authenticator app and recovery codes
profile-totp-send = Use this app from now on
profile-prove = Prove your identity anew, to change the app
profile-recovery = Make new recovery codes
profile-recovery-left = { $count ->
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
}
profile-tokens = Tokens
profile-tokens-hint = For the command line and programs. A token is good for 90 days and may do what you may, except what needs a fresh second factor.
profile-token-label = What it is for
profile-token-send = Make a token
profile-revoke = Take it back
profile-sessions = Where you are signed in
profile-began = since
profile-until = until
profile-this = this one
profile-end = End it
profile-back = Back to your profile
profile-looks-title = How pages look
profile-looks = Language, colours and keys are chosen in the menu at the top. They stay with you, on whatever machine.
profile-zone = Time zone
profile-zone-hint = As Europe/Stockholm. Leave it empty and times are as the clock of the machine that you sit at.
profile-zone-send = Save the time zone
token-title = Your new token
token-text = It is shown only now. Keep it well.
done-password = The password is changed, and your other sessions have ended.
done-totp = From now on your new app is asked.
done-revoked = The token is no longer good.
done-ended = The session has ended.

users-title = Users
users-name = Name
users-roles = Roles
users-scope = Sees
users-scope-all = Every customer
users-scope-only = Only these
users-scope-some = { $count ->
    [one] { $count } reseller or customer
   *[other] { $count } resellers and customers
}
users-scope-more = and { $count } more
users-resellers = Resellers, by id
users-customers = Customers, by id
users-entry = Comes in
users-acts = Change
users-inactive = No longer comes in
users-add = Add somebody
users-add-send = Add
users-sign-in-name = Name to sign in under
users-invite = Make a link
users-shut-out = Take access away
users-let-in = Give access again
users-approves = May approve up to
users-approves-hint = In the currency of the policy. Leave it empty for no limit. An action whose money at stake is not known is above every limit.
users-approves-to = Approves up to { $money }
users-change = Roles and customers
users-change-send = Save
users-back = Back to the users
entry-tokens = By token only
entry-invited = Has a link
entry-local = By password and app
entry-entra = By Entra ID
invited-title = Hand this link on
invited-text = It is good once and for 15 minutes. Only the person it is for may open it: whoever does becomes that user. It stands below the address of this program.
done-user-added = Added.
done-user-changed = Changed.

demo-enter = Try it as
demo-enter-hint = Everything is made up, so one click is enough. The story: an Admin agent proposes, a Global administrator approves.
demo-code = In the demonstration your app shows:
totp-square = The same as a square that the app's camera reads
