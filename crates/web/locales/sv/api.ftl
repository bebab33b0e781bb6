# Gränssnittets texter. Ett problem har en rubrik och en förklaring; ett skäl är en mening.

problem-badRequest = Begäran går inte att läsa
    .detail = Den här adressen förstår inte en sådan begäran.
problem-unknownParameter = Okänd parameter
    .detail = Parametern `{ $parameter }` är inte känd här. Utelämna den eller rätta namnet.
problem-badParameter = En parameter går inte att använda
    .detail = Parametern `{ $parameter }` har ett värde som inte går här; `errors` säger varför.
problem-badFilter = Filtret går inte att använda
    .detail = Vid tecken { $at }: `{ $term }` är inte känt i det här filtret. Kända är: { $known }.
problem-badJson = Innehållet är inte JSON
    .detail = Innehållet går inte att läsa som JSON; `errors` säger var det brister.
problem-unauthenticated = Logga in
    .detail = En giltig nyckel behövs: `Authorization: Bearer …`. Den saknas, är okänd, har gått ut eller är återkallad.
problem-roleMissing = Din roll tillåter inte detta
    .detail = Ingen av dina roller tillåter detta. De här gör det: { $roles }.
problem-scopeTooNarrow = Du ser inte alla kunder
    .detail = Detta gäller hela partnern, och du ser bara en del av dess kunder.
problem-proposerCannotApprove = Du föreslog själv åtgärden
    .detail = Den som föreslog en åtgärd kan inte godkänna den. Någon annan med en av de här rollerna måste göra det: { $roles }.
problem-reauthenticationNeeded = Visa på nytt vem du är
    .detail = Detta kräver en andra faktor som är högst fem minuter gammal: skicka en kod från din kodapp till `/api/v1/me/reauthentication`, och nyckeln du får som `Borgen-Reauthentication`.
problem-notYourself = Du kan inte ändra detta för dig själv
    .detail = Ingen ändrar sina egna roller, sitt urval eller sin åtkomst. En annan administratör för användarhantering måste göra det.
problem-foreignForm = Formuläret kommer inte härifrån
    .detail = Det skickades inte från en sida i den här sessionen. Öppna sidan igen och skicka därifrån.
problem-signInRefused = Det gick inte
    .detail = Namn, lösenord eller kod är fel. Vilket av dem sägs inte.
problem-noRole = Du har ingen roll här
    .detail = Entra ID känner dig, men ingen har gett dig en roll i Borgen där. Fråga den som sköter era program.
problem-linkNoGood = Länken gäller inte längre
    .detail = En länk gäller en gång och i en kvart. Be den som gav dig länken om en ny.
problem-tooManyTries = För många försök
    .detail = För många försök har misslyckats. Vänta { $seconds } sekunder före nästa.
problem-tokensAreOwn = Bara personen själv skapar sina nycklar
    .detail = Människor skapar sina egna nycklar, under sin profil eller på `/api/v1/me/tokens`. Du kan bara lämna ut en nyckel till en maskin som inte får godkänna.
problem-alreadyEnrolled = Personen loggar redan in
    .detail = Den som redan loggar in bjuds inte in på nytt. Har personen förlorat lösenord och kodapp, så ta bort åtkomsten och lägg till personen som ny användare.
problem-noLocalAccount = Du har inget lösenord här
    .detail = Du loggar in med Entra ID eller bara med nyckel. Lösenord och kodapp ändras där du har dem.
problem-secondAdministratorNeeded = En annan Global administratör måste också vilja detta
    .detail = Det är noterat att du vill ha den här policyn, där en person ensam bestämmer. När en annan Global administratör publicerar samma filer inom ett dygn är de publicerade.
problem-notAlone = Du är inte ensam här
    .detail = En person kan inte ensam publicera en policy där en person ensam bestämmer, så länge andra arbetar här. Lägg till en Global administratör till.
problem-weakPassword = Välj ett annat lösenord
    .detail = { $why ->
        [password_too_short] Det behöver minst 12 tecken.
        [password_too_long] Det får ha högst 256 tecken.
        [password_has_name] Ditt namn finns i det.
       *[other] Det är ett av dem som prövas först.
    }
problem-wrongCode = Koden är fel
    .detail = Koden är inte den som appen visar nu, eller så är den använd. Varje kod gäller en gång: vänta på nästa.
problem-notFound = Det finns inget sådant
    .detail = Det finns inget på den här adressen, eller inget som du får se. Kontrollera id och adress: gränssnittet börjar vid /api/v1 och beskrivs på /api/v1/openapi.json.
problem-methodNotAllowed = Adressen har ingen sådan metod
    .detail = Huvudet `Allow` nämner adressens metoder.
problem-notAcceptable = Ingen av de önskade formerna finns
    .detail = Adressen svarar med { $produces }.
problem-requestRunning = Samma begäran pågår
    .detail = En begäran med samma `Idempotency-Key` är inte klar än. Fråga igen om några sekunder.
problem-notInThisState = Det är för sent för detta
    .detail =
        Detta går inte längre: läget är { $state ->
            [proposed] fortfarande föreslagen
            [released] på gång
            [finished] slutförd
            [rejected] avslagen
            [expired] förfallen, ingen godkände i tid
            [stopped] stoppad
            [open] öppet
            [closed] stängt
            [resolved] redan löst
            [over] förbi
            [ended] avslutad
            [not_to_be_reviewed] inget som väntar på granskning
            [not_read_back] inte avläst hos Microsoft än, av det som var på väg när den stoppades
            [not_to_be_taken_on] inget som väntar på att någon tar hand om det
           *[other] { $state }
        }. Läs på nytt.
problem-actionOpen = En åtgärd i ärendet är inte avslutad
    .detail = Åtgärden { $action } skulle fortfarande utföras, fast utfallet säger att det inte finns något att stoppa. Dra tillbaka eller stoppa den först, och stäng sedan ärendet.
problem-otherParameters = Åtgärden är inte den som du fick se
    .detail = Det du godkänner är inte åtgärdens innehåll. Läs på nytt och godkänn det du då ser.
problem-nothingToSnooze = Ingen regel att låta vänta
    .detail = Ärendet har ingen signal från en regel som angavs. Microsofts aviseringar kan inte vänta: besvara dem.
problem-aboveLimit = Mer än du får godkänna
    .detail = Åtgärden har mer på spel än de { $limit } som du får godkänna, eller så är det inte känt hur mycket. Någon med en högre gräns måste godkänna den.
problem-proposalExpired = Förslaget har gått ut
    .detail = Ingen godkände före { $at }. Föreslå åtgärden igen.
problem-alreadyApproved = Du har redan godkänt detta
    .detail = Ditt godkännande är antecknat. En annan persons saknas fortfarande.
problem-pageAnswered = En annan person har tagit detta: den godkänner eller avslår
    .detail = Någon väcktes om den här åtgärden och har tagit den. Den personen godkänner eller avslår.
problem-readOnly = Skrivet av en senare version
    .detail = En senare version av programmet har skrivit här, så den här versionen bara läser. Använd den senare.
problem-tooMany = Det är för många
    .detail = Högst { $limit } är möjliga här. Ta bort en först.
problem-stale = Det har ändrats under tiden
    .detail = Det du utgick från gäller inte längre. Läs på nytt, titta, och skicka den nya `ETag` som `If-Match`.
problem-bodyTooLarge = Innehållet är för stort
    .detail = Högst { $limit } byte tas emot här.
problem-unsupportedMediaType = Den sortens innehåll tas inte emot
    .detail = Skicka JSON med `Content-Type: application/json`.
problem-badBody = Innehållet är inte det som väntas
    .detail = Innehållet är JSON, men något i det går inte; `errors` säger vad och var.
problem-keyReused = Nyckeln har använts för en annan begäran
    .detail = Den här `Idempotency-Key` kom med en annan begäran tidigare. Använd en ny nyckel för en ny begäran.
problem-refused = Policyn säger nej
    .detail = Inget ändrades. Skälen följer.
problem-policyRefused = Policyfilerna klarar inte granskningen
    .detail = Inget publicerades; `errors` nämner varje felaktigt ställe med fil, rad och kolumn.
problem-ifMatchMissing = Läget du utgår från saknas
    .detail = Skicka det du läste som `ETag` i huvudet `If-Match`, så att ingen ändring går förlorad.
problem-internal = Något gick fel här
    .detail = Begäran kunde inte utföras. Försök igen, och nämn spårnumret om felet består.
problem-busy = För mycket på en gång
    .detail = Fler begäranden pågår än som tas emot samtidigt. Försök igen om några sekunder.
problem-timedOut = Det tog för lång tid
    .detail = Begäran gavs upp. Läs det den gällde innan du försöker igen.
problem-noPolicy = Ingen policy är publicerad
    .detail = Inget kan avgöras innan policyfiler är publicerade: `borgen policy publish`.

reason-rule-fired = Regeln { $rule } slog till; dess författare bedömer en träff som { $level }.
reason-below-level = Regelns nivå är { $level }; policyn gör signaler från { $minimum }.
reason-microsoft-alert = Microsoft har skickat en avisering av typen { $alertType }.
reason-burns = Det som körs kostar minst { $perHour } i timmen.
reason-burn-assumed = Inget pris är känt, så { $perHour } i timmen antas.
reason-signal-and-alert = Vår egen signal och Microsofts avisering berättar samma sak.
reason-case-closed = Ärendet { $case } stängdes och den här aviseringen nämndes.
reason-case-claimed = Någon tog ärendet.
reason-early-answer-due = Policyns tid för ett tidigt svar nåddes.
reason-asked-by-person = En person bad om det.
reason-protected = Klientorganisationen står på listan över skyddade.
reason-too-many-subscriptions = Det skulle ta { $count } Azure-prenumerationer; en åtgärd får ta { $limit }.
reason-nothing-to-stop = Det finns inget kvar att stoppa.
reason-no-playbook = Policyn har ingen åtgärdsplan som heter { $playbook }.
reason-no-open-case = Ärendet är inte öppet.
reason-already-under-way = Åtgärden { $action } i samma ärende är på väg.
reason-no-target = Ingen av ärendets Azure-prenumerationer är känd som angripen.
reason-emergency-not-allowed = Nödklassen är avstängd, eller täcker ett mindre belopp.
reason-approved-by = Godkänd av rollen { $role }.
reason-page-unanswered = Godkänd av förslagsställaren ensam, eftersom ingen svarade på larmet i tid.
reason-nobody-paged = Godkänd av förslagsställaren ensam: ingen kunde larmas, så tiden räknades från förslaget.
reason-single-operator = Godkänd av förslagsställaren ensam, eftersom en enda person driver denna partner.
reason-waits-for-plan = Planen { $plan } kan inte stängas av medan Azure-prenumerationer under den är aktiva.
reason-cap-reached = Timmens tak är nått till { $until }.
reason-step-failed = Ett steg blev inte av: { $code }.
reason-too-many-open = Fler är öppna än som ryms hos en kund.
reason-snooze-over = Tiden till { $until } som en person gav den är slut.
reason-burn-doubled = Det som körs kostar nu { $perHour } i timmen: minst dubbelt mot när en person lade det åt sidan.

readiness-store = Lagret svarar inte.
readiness-policy = Ingen policy är publicerad: `borgen policy publish`.
