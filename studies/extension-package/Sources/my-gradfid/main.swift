import GradfidCommands

Gradfid.main(estimators: [.reinforceClipped], problems: [.parity])
