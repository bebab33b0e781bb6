# Dörrarnas sidor: inloggning, första gången, profilen, användare.

sign-in-name = Namn
sign-in-password = Lösenord
sign-in-code = Kod från din kodapp
sign-in-code-hint = Sex siffror. En återställningskod går också bra.
sign-in-entra = Logga in med Microsoft Entra ID
sign-out = Logga ut

welcome-title = Välkommen
welcome-text = Välj hur du ska logga in. Ingen annan ser vad du väljer, inte heller den som gav dig länken.
welcome-name = Du loggar in som
welcome-password = Nytt lösenord
welcome-password-hint = Minst 12 tecken. Flera ord som inte hör ihop blir ett bra lösenord.
welcome-send = Börja
totp-text = Lägg in den här nyckeln i din kodapp, som en tidsbaserad nyckel:
totp-open = Öppna den i appen på den här enheten
totp-code = Koden som appen visar

recovery-title = Dina återställningskoder
recovery-text = Var och en gäller en gång, när du inte har din app. De visas bara nu: förvara dem där ingen annan tittar.
recovery-go = Jag har sparat dem

prove-title = Visa på nytt vem du är
prove-text = Det du ska göra kräver en andra faktor som är högst fem minuter gammal.
prove-send = Fortsätt
prove-entra = Logga in på nytt med Microsoft Entra ID
done-proved = Tack. Fortsätt där du var.

profile-title = Din profil
profile-password = Lösenord
profile-current = Lösenord hittills
profile-password-send = Byt lösenord
profile-totp = Kodapp och återställningskoder
profile-totp-send = Använd den här appen från och med nu
profile-prove = Visa på nytt vem du är, för att byta app
profile-recovery = Skapa nya återställningskoder
profile-recovery-left = { $count ->
    [one] { $count } återställningskod finns kvar.
   *[other] { $count } återställningskoder finns kvar.
}
profile-tokens = Nycklar
profile-tokens-hint = För kommandoraden och program. En nyckel gäller i 90 dagar och får göra det du får, utom det som kräver en ny andra faktor.
profile-token-label = Vad den är till för
profile-token-send = Skapa en nyckel
profile-revoke = Ta tillbaka den
profile-sessions = Var du är inloggad
profile-began = sedan
profile-until = till
profile-this = den här
profile-end = Avsluta
profile-back = Tillbaka till din profil
profile-looks-title = Hur sidorna ser ut
profile-looks = Språk, färger och snabbtangenter väljs i menyn högst upp. De följer dig, vilken dator du än sitter vid.
profile-zone = Tidszon
profile-zone-hint = Som Europe/Stockholm. Lämna det tomt så följer tiderna klockan på datorn du sitter vid.
profile-zone-send = Spara tidszonen
token-title = Din nya nyckel
token-text = Den visas bara nu. Förvara den väl.
done-password = Lösenordet är bytt, och dina andra inloggningar är avslutade.
done-totp = Från och med nu gäller din nya app.
done-revoked = Nyckeln gäller inte längre.
done-ended = Inloggningen är avslutad.

users-title = Användare
users-name = Namn
users-roles = Roller
users-scope = Ser
users-scope-all = Alla kunder
users-scope-only = Bara dessa
users-scope-some = { $count ->
    [one] { $count } återförsäljare eller kund
   *[other] { $count } återförsäljare och kunder
}
users-scope-more = och { $count } till
users-resellers = Återförsäljare, med id
users-customers = Kunder, med id
users-entry = Kommer in
users-acts = Ändra
users-inactive = Kommer inte längre in
users-add = Lägg till någon
users-add-send = Lägg till
users-sign-in-name = Namn att logga in med
users-invite = Skapa en länk
users-shut-out = Ta bort åtkomsten
users-let-in = Ge åtkomst igen
users-approves = Får godkänna upp till
users-approves-hint = I policyns valuta. Lämna det tomt för ingen gräns. En åtgärd där det inte är känt vad som står på spel är över varje gräns.
users-approves-to = Godkänner upp till { $money }
users-change = Roller och kunder
users-change-send = Spara
users-back = Tillbaka till användarna
entry-tokens = Bara med nyckel
entry-invited = Har en länk
entry-local = Med lösenord och app
entry-entra = Med Entra ID
invited-title = Lämna över den här länken
invited-text = Den gäller en gång och i 15 minuter. Bara den som den är till för får öppna den: den som gör det blir den användaren. Den står under det här programmets adress.
done-user-added = Tillagd.
done-user-changed = Ändrad.

demo-enter = Prova som
demo-enter-hint = Allt är påhittat, så ett klick räcker. Berättelsen: en administratörsagent föreslår, en global administratör godkänner.
demo-code = I demonstrationen visar din app:
totp-square = Samma sak som en ruta som appens kamera läser
