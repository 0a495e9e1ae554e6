GradfidBench.main()
