# The demonstration.

demo-data = DEMO DATA: made-up customers, a simulated Microsoft. Everything is forgotten at the end.
demo-serves = Serving on { $url }; the simulated Microsoft is at { $sandbox }.
demo-try =
    The tokens of the four roles are above, on standard output. An attack begins when the customers are known.
    Open it in a browser: one click lets you in as one of four people. Or, in another terminal:
      export BORGEN_CLIENT__SERVER={ $url } BORGEN_TOKEN={ $token }
      borgen cases list
      borgen cases show CASE
      curl -H "Authorization: Bearer $BORGEN_TOKEN" { $url }/api/v1/cases
    Ctrl-C stops.
demo-disagrees = The journal, its replay and Microsoft's own log do not tell the same: see disagreements in the summary.
demo-no-attack = No attack comes, but the server goes on: { $why }
