# Vad som gjordes i Partner Center, och vem av oss som har sett på det.

activity-title = Aktivitet
activity-text = Vad som gjordes i Partner Center för alla kunder, läst varje timme. Se på varje post och säg att du har gjort det.
activity-query-help = status:unreviewed eller status:reviewed, customer:ID, operation:update_subscription, who:"namn@partner.example". Villkoren skiljs med mellanslag, och alla måste gälla.
activity-empty = Ingen post passar
activity-empty-text = Posterna kommer av sig själva från Partner Center, varje timme. Ta bort ett villkor ur filtret, eller välj en annan vy.
view-unreviewed = Inte granskade
view-reviewed = Granskade
select-activity = Välj: { $what }
activity-who = Vem
activity-nobody = inte namngiven
activity-no-customer = ingen av våra kunder
activity-application = Program
activity-reviewed = Granskad
activity-not-yet = inte än
activity-review = Markera som granskade
activity-review-text = Här kommer det att stå att du har sett på posten, och när.
activity-partly = { $done } av { $all } är nu markerade.
against-unknown = det finns ingen sådan post
against-reviewed = var granskad sedan tidigare
activity-record = Posten
activity-operation = Vad som gjordes
activity-resource = Med vad
activity-ended = Hur det slutade
activity-values = Före och efter
activity-no-values = Posten säger inte hur det var före och efter.
activity-before = Före
activity-after = Efter
activity-end-succeeded = gjort
activity-end-failed = misslyckades
activity-end-progress = pågår
activity-end-unknown = okänt
nav-unreviewed = { $count } inte granskade
done-activity-reviewed = { $count ->
    [one] 1 post är markerad som granskad.
   *[other] { $count } poster är markerade som granskade.
}
done-nothing-chosen = Inget var valt, så inget gjordes.

operation-create-order = Beställning lagd
operation-update-subscription = Prenumeration ändrad
operation-cancel-subscription = Prenumeration avslutad
operation-azure-fraud-event-detected = Bedrägerihändelse anmäld av Microsoft
operation-add-customer-user-role-member = Roll given till en användare hos kunden
operation-remove-customer-user-role-member = Roll tagen från en användare hos kunden
operation-create-customer-user = Användare hos kunden tillagd
operation-update-customer-qualification = Kundens kvalifikation ändrad
