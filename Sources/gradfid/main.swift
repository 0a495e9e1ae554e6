import GradfidCommands

Gradfid.main()
