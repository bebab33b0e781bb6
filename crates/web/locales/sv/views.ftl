# Sparade vyer, och det som väntar till senare.

views-title = Sparade vyer
views-text = En vy är en lista med ett filter under ett namn. Dess adress leder alltid till listan så som vyn är nu.
views-manage = Hantera vyer
views-empty = Du har ingen sparad vy
views-empty-text = Öppna en lista, filtrera den och välj ”Spara den här vyn”. Då står den i navigeringen.
view-keep = Spara den här vyn
view-name = Vyns namn
view-shared = Alla får den
view-begin = Listan börjar med den
view-save = Spara
view-change = Spara vyn
view-delete = Ta bort
view-own = din
view-others = delad av en kollega
view-is-shared = delad med alla
view-is-chosen = din lista börjar med den
view-begin-with = Börja { $list } med den
view-begin-no-longer = Börja inte längre { $list } med den
view-of-cases = Ärenden
view-of-signals = Signaler
view-of-notices = Microsofts aviseringar
view-of-customers = Kunder
view-of-actions = Åtgärder
done-view-saved = Vyn är sparad.
done-view-changed = Vyn är ändrad.
done-view-deleted = Vyn är borttagen.
done-view-chosen = Din lista börjar som du ville.
snoozes-title = Väntar till senare
snoozes-text = Det som inte begär uppmärksamhet just nu. Allt här kommer tillbaka av sig självt.
snoozes-query-help = status:in_force eller over, rule:ID, customer:ID. Villkoren skiljs åt med blanksteg, och alla måste gälla.
snoozes-empty = Inget väntar till senare
snoozes-empty-text = När en regel har rätt och ändå inte kräver uppmärksamhet hos en kund i några dagar, öppna ärendet och välj ”Vänta till senare”.
view-in-force = Nu
view-over = Slut
snooze-until = Till
snooze-until-short = till
snooze-reason = Varför
snooze-by = Av
snooze-end = Avsluta nu
snooze-for = Hur länge
snooze-days = { $count ->
    [one] 1 dag
   *[other] { $count } dagar
}
snooze-why = Varför det inte kräver uppmärksamhet
snooze-why-hint = Det du vet som gör det ofarligt, och av vem. Det förvaras förseglat.
snooze-rules = Regler
done-snoozed = Det väntar till senare och kommer tillbaka av sig självt.
done-snooze-ended = Det begär uppmärksamhet igen.
