# Första sidan: vad som måste avgöras nu, och vad det kostar att vänta.

today-title = I dag
