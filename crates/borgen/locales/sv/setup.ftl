# Sätta upp och köra: init, serve, doctor, sandbox.

init-cannot-ask = Det finns ingen att fråga: ange --non-interactive, och det du vill annorlunda som flaggor.
init-ask-cloud = Microsofts moln (public eller us_government)?
init-ask-tenant = Er klientorganisation i Partnercenter (tomt: senare)?
init-ask-lang = Serverns språk (en eller sv)?
init-ask-admin = Den första administratörens namn?
init-no-tenant = { $tenant } är ingen klientorganisation: 8-4-4-4-12 hexadecimala siffror behövs.
init-global-administrator = Första Global administratör
init-user-administrator = Första Administratör för användarhantering
init-user = { $role }, med en länk att logga in genom, som gäller en gång och i 15 minuter från nu, och en nyckel för kommandoraden, som gäller i 30 dagar eller tills länken används:
init-done = Borgen är uppsatt i { $folder }. Förvara en kopia av data/keys skilt från säkerhetskopiorna.
init-next =
    Nästa steg:
      1. cd { $folder } och lägg till er klientorganisation i Partnercenter: borgen admin connection add --help
      2. borgen doctor
      3. borgen serve, sedan i en annan terminal: export BORGEN_TOKEN=… och borgen cases list

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
