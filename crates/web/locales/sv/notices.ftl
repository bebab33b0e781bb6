# Microsofts aviseringar.

notices-title = Microsofts aviseringar
notices-query-help = status:active (eller investigating, resolved), severity:high (så allvarlig eller allvarligare), type:NAMN, customer:ID. Villkoren skiljs med mellanslag, och alla måste gälla.
notices-empty = Ingen avisering passar
notices-empty-text = När Microsoft skickar en avisering börjar svarstiden räknas här: ett första svar ska ges inom en timme.
view-unanswered = Obesvarade
view-investigated = Utreds
view-resolved = Lösta
notice-state = Läge hos Microsoft
notice-clock = Svar senast om
notice-answered = första svaret
notice-resolved-elsewhere = löst hos Microsoft utan oss
notice-test = Test
notice-case = Ärende
notice-open-case = Öppna ärendet
notice-detected = Upptäckt av Microsoft
notice-received = Mottagen av oss
notice-id = Microsofts ID
notice-text = Vad Microsoft säger
notice-done = Den är löst. Inget återstår att svara på.
notice-answer-hint = Att stänga ärendet besvarar de aviseringar som det nämner. Här svarar du bara på den här, eller ger ett tidigt besked.
