# Sätta upp och köra: init, serve, doctor, sandbox.

init-cannot-ask = Det finns ingen att fråga: ange --non-interactive, och det du vill annorlunda som flaggor.
init-ask-cloud = Microsofts moln (public eller us_government)?
init-ask-tenant = Er klientorganisation i Partner Center (tomt: senare)?
init-ask-lang = Serverns språk (en eller sv)?
init-ask-admin = Den första administratörens namn?
init-no-tenant = { $tenant } är ingen klientorganisation: ett id som { $form } behövs.
init-global-administrator = Första Global administratör
init-user-administrator = Första Administratör för användarhantering
init-user = { $role }, med en länk att logga in med, som gäller en gång och i 15 minuter från nu (borgen serve gör nya så länge ingen i den rollen loggar in):
init-user-token = { $role }, med en länk att logga in genom, som gäller en gång och i 15 minuter från nu, och en nyckel för kommandoraden, som gäller i 30 dagar eller tills länken används:
init-done = Borgen är uppsatt i { $folder }. Förvara en kopia av data/keys skilt från säkerhetskopiorna.
init-next =
    Nästa steg:
      1. cd { $folder } och lägg till er klientorganisation i Partner Center: borgen admin connection add --help
      2. borgen doctor
      3. borgen serve, och öppna dess adress med länken; gör en nyckel för kommandoraden under /profile

first-link = Ingen loggar in som { $role } än. Länken gäller en gång och i 15 minuter: { $url }
serving = Svarar på { $url }. Ctrl-C stannar.
no-connection = Ingen anslutning till Microsoft är angiven: bara logghändelser tas emot. Lägg till en: borgen admin connection add --help
sandbox-serves = { $count ->
    [one] Det simulerade Microsoft med { $count } kund svarar på { $url }. Ctrl-C stannar.
   *[other] Det simulerade Microsoft med { $count } kunder svarar på { $url }. Ctrl-C stannar.
}

doctor-well = Inget är fel.
doctor-bad = { $count ->
    [one] { $count } sak är fel.
   *[other] { $count } saker är fel.
}
check-store = Lager
check-master-key = Huvudnyckel
check-signing-key = Signeringsnyckel
check-disk = Ledigt diskutrymme
check-rules = Identifieringsregler
check-connection-settings = Inställningar för anslutningar
check-clock = Klocka
check-policy = Policy
check-connection = Anslutning
check-workers = Den körande serverns arbetare
fix-store = Se över store.url och rättigheterna på mappen. En ny installation: borgen init
fix-store-in-use = Det är öppet i en körande server, så innehållet har inte setts över. Stanna servern för hela listan.
fix-store-newer = Använd den utgåva som skrev det, eller återläs säkerhetskopian från före uppgraderingen.
fix-key-missing = Återläs den från kopian som förvarats skilt. En ny installation: borgen init
fix-key-mode = chmod 600 { $path }, eller borgen doctor --fix
fixed-key-mode = bara ägaren får läsa { $path } nu
fix-disk = Gör plats för { $folder }.
fix-rules = borgen rules check MAPP visar varje avvisad regel.
fix-no-connection = borgen admin connection add --help
fix-connection-settings = Jämför med: borgen config sample
fix-clock = Ställ maskinens klocka med NTP: fakta är noterade senare än vad den säger.
fix-policy = borgen policy check MAPP, sedan borgen policy publish MAPP --yes. Ett nytt lager får policyn som följer med när servern startar.
fix-connection = Se över programmets medgivande, hemlighet och MFA i Entra, vänta sedan på nästa synkronisering.
fix-actions-off = Allt är provkörning. När ni är redo: borgen admin connection switch-actions { $connection } on
fix-workers = Serverns logg säger varför; den försöker igen av sig själv.
fix-server-away = Starta den med borgen serve; lyssnar den någon annanstans, sätt server.listen till det, eller client.server.
check-vault = Valvet för personuppgifter
check-secret-file = Hemlig fil
check-data-file = Datafil
check-microsoft = Microsoft
check-permission = Behörighet
check-clock-microsoft = Klockan mot Microsofts
check-webhook = Webhook
check-actions = Åtgärder
permission-customers = läsa kunder (Partner Centers API, programmet registrerat i Partner Center)
permission-alerts = läsa och besvara säkerhetsaviseringar (Microsoft Graph, PartnerSecurity.ReadWrite.All)
permission-audit = läsa granskningsposter (Partner Centers API)
permission-score = läsa MFA-siffrorna (Microsoft Graph, PartnerSecurity.Read.All)
permission-consent = handla för administratören som gav medgivandet (Partner Center, delegerad user_impersonation, med MFA)
clock-off = { $connection }: { $seconds } s från Microsofts
actions-are-on = { $connection }: ändringar skickas till Microsoft
actions-are-dry = { $connection }: allt är provkörning
fix-secret-missing = Lägg filen där, läsbar bara för sin ägare, eller ange en annan i borgen.toml.
fix-disk-unknown = Se till att { $folder } finns och kan läsas av den som kör detta.
fix-connection-incomplete = Lägg till { $missing } i [connections.{ $name }] i borgen.toml (hemligheter som NYCKEL_file); vad var och en är till för: borgen config sample
fix-offline = Microsoft tillfrågades inte (--offline): behörigheter, dess klocka och webhooken är inte kontrollerade.
fix-microsoft-away = Kontrollera maskinens nätverk, proxy och DNS; Microsofts eget läge finns på https://status.cloud.microsoft. Kör sedan igen.
fix-microsoft-busy = Microsoft ber oss vänta { $seconds } s: kör det igen sedan.
fix-microsoft-busy-unsaid = Microsoft ber oss vänta och säger inte hur länge: kör det igen om några minuter.
fix-permission = Ge programmet i Entra det som behövs: { $permission }. Ge sedan administratörsmedgivande på nytt och kontrollera administratörens roll i Partner Center (administratörsagent).
fix-credentials = client_id, client_secret eller refresh_token är fel eller har gått ut: skapa en ny hemlighet i Entra (Appregistreringar, Certifikat och hemligheter) eller ge medgivandet på nytt.
fix-consent-mfa = Medgivandet gavs utan multifaktorautentisering: logga in med MFA, ge medgivandet på nytt och lägg den nya refresh-token i sin fil.
fix-conditional-access = En princip för villkorsstyrd åtkomst i er klientorganisation stoppar programmet: släpp igenom det för detta program och denna maskins adress.
fix-clock-microsoft = Ställ maskinens klocka med NTP: token och signaturer beror på den.
fix-webhook-none = server.public_url är inte satt, så inget ringer: aviseringar hittas genom avläsning, en minut senare. Sätt den för att registrera webhooken.
fix-webhook-roots = Sätt anslutningens webhook_roots till en PEM-fil med roten till Microsofts webhookcertifikat och certifikaten däremellan: utan den avvisas varje leverans.
fix-webhook-missing = Starta servern (borgen serve): den registrerar { $wanted } själv. Dess logg säger varför om det inte går.
fix-webhook-other = En annan adress är registrerad. Starta servern (borgen serve): den registrerar { $wanted } själv.

check-channel = Kanal till personer i jour
check-on-call = Vem som har jour
channel-reached = { $channel }: ett provmeddelande togs emot
fix-channel = Se över [channels] i inställningarna; för Teams, om arbetsflödet har en ägare och är på
fix-channel-untried = borgen doctor --page skickar ett provmeddelande
nobody-on-call = Policyn nämner ingen: den som föreslår i ett nödläge får agera ensam { $minutes } minuter efter förslaget, och ingen väcks
fix-nobody-on-call = Fyll i on-call.toml och publicera den: borgen policy write, borgen policy publish
somebody-on-call = { $count ->
    [one] 1 mottagare, med kanal
   *[other] { $count } mottagare, var och en med kanal
}
fix-on-call-channel = Policyn nämner kanaler som saknas i inställningarna: lägg till [channels.{ $channel }]
