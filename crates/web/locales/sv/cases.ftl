# Listorna över ärenden och signaler.

cases-title = Ärenden
cases-query-help = status:open, snoozed eller closed, severity:high (den eller allvarligare), story:mining, owner:me eller nobody, customer:ID. Villkor skiljs åt med mellanslag, och alla måste gälla.
cases-empty = Inget ärende passar
cases-empty-text = Ta bort ett villkor ur filtret eller välj en annan vy. Nya ärenden dyker upp av sig själva när en regel slår till eller Microsoft skickar en avisering.
views = Vyer
view-open = Öppna
view-mine = Mina
view-critical = Kritiska
view-high = Höga och allvarligare
view-mining = Kryptoutvinning
view-closed = Stängda
view-all = Alla
query = Filter
query-go = Visa
chips = Filtrera på
owner-me = Mina
select-all = Markera alla rader
select-case = Markera: { $what }
bulk = Med de markerade ärendena
bulk-selected = Markerade
bulk-claim = Ta
bulk-legitimate = Stäng som legitima
bulk-false-alarm = Stäng som falska larm
bulk-duplicate = Stäng som dubbletter
bulk-matching = Alla ärenden som passar filtret, inte bara de på sidan (högst { $count })
bulk-more = Fler ärenden passar än vad som går att göra på en gång. Det här är de första { $count }; gör resten när de är klara.
bulk-can = { $can } av { $all } går att göra.
bulk-answers = { $count ->
    [one] 1 avisering besvaras hos Microsoft på köpet.
   *[other] { $count } aviseringar besvaras hos Microsoft på köpet.
}
against-closed = är redan stängt
against-yours = är redan ditt
back = Tillbaka
done-claimed = { $count ->
    [one] 1 ärende är ditt.
   *[other] { $count } ärenden är dina.
}
done-closed = { $count ->
    [one] 1 ärende är stängt.
   *[other] { $count } ärenden är stängda.
}
outcome-fraud = Bedrägeri
outcome-misuse = Missbruk
outcome-legitimate = Legitim
outcome-false-alarm = Falskt larm
outcome-duplicate = Dubblett
outcome-test = Test
outcome-stale = För gammalt
signals-title = Signaler
signals-query-help = severity:high (den eller allvarligare), rule:ID, customer:ID. Villkor skiljs åt med mellanslag, och alla måste gälla.
signals-empty = Ingen signal passar
signals-empty-text = En signal är vad en regel såg i en logg. Den dyker upp här, och i ett ärende, inom en sekund efter händelsen.
column-rule = Regel
column-hour = I timmen
column-count = Händelser
column-first = Först sedd
column-last = Senast sedd
view-snoozed = Väntar till senare
owner-nobody = Ingens
bulk-fraud = Stäng som bedrägeri
bulk-snooze = Vänta till senare
against-critical = är kritiskt: det som är kritiskt visas alltid
against-answer = Microsoft väntar på svar: klockan går vidare
against-no-rule = ingen regel fann det, bara Microsofts avisering
done-none-left = Någon har tagit varje öppet ärende.
done-many-snoozed = { $count ->
    [one] 1 ärende väntar till senare.
   *[other] { $count } ärenden väntar till senare.
}
