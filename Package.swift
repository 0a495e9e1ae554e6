// swift-tools-version: 6.1
import PackageDescription

// Modules point one way:
// CKernels, COpenBLAS -> Tensors -> Networks, Discrete -> Estimators, Models -> Fidelity
// -> Conformance, ResultStore -> Studies -> Reports -> GradfidCommands -> gradfid.
//
// Every target names all modules below it, not only those it imports: a build sees the change of a
// struct's layout through named modules alone.
let package = Package(
  name: "GradientFidelity",
  products: [
    .library(name: "GradientFidelity", targets: ["GradientFidelity"]),
    .library(name: "GradfidCommands", targets: ["GradfidCommands"]),
    .executable(name: "gradfid", targets: ["gradfid"]),
    .executable(name: "gradfid-bench", targets: ["gradfid-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Knows the commit of the build.
    .plugin(name: "BuildIdentity", capability: .buildTool(), exclude: ["identity.sh"]),
    .target(name: "CBuild", plugins: ["BuildIdentity"]),
    .target(
      name: "CKernels",
      exclude: [
        "each_level.inc", "kernels.inc", "fused_kernels.inc", "lane_kernels.inc",
        "joint_code_gradients.inc", "matrix_products.inc", "winner_tables.inc",
      ]),
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),
    .target(
      name: "Networks", dependencies: ["CKernels", "Tensors"], exclude: ["README.md"]),
    .target(name: "Discrete", dependencies: ["CKernels", "Tensors"]),
    .target(
      name: "Estimators", dependencies: ["Discrete", "Tensors", "CKernels"],
      exclude: ["README.md", "CATALOGUE.md", "ZOO.md"]),
    .target(
      name: "Models", dependencies: ["Networks", "Discrete", "Tensors", "CKernels", "CZlib"],
      exclude: ["README.md", "OWN-COST.md", "QUANTISERS.md"]),
    .target(
      name: "Fidelity",
      dependencies: [
        "Discrete", "Estimators", "Models", "Networks", "Tensors", "CKernels", "CZlib",
      ],
      exclude: [
        "README.md", "COMPARING.md", "COVERAGE.md", "GAP.md", "INTERVALS.md", "LIMITS.md",
        "MOMENTS.md", "NUMBERS.md", "OBJECTIVE.md", "PARAMETERS.md", "QUADRATURE.md", "RANDOM.md",
        "ROUTES.md", "SCOPES.md", "TARGETS.md", "VERIFICATION.md", "Samples/README.md",
      ],
      resources: [
        "quadratics", "test-problem-table", "test-problem-targets", "bernoulli-advantages",
        "k-subset", "three-bernoullis",
      ].map { .embedInCode("Verification/Published/\($0).json") }),
    .target(
      name: "Conformance",
      dependencies: ["Fidelity", "Models", "Estimators", "Discrete", "Networks", "Tensors"],
      exclude: ["README.md"]),
    .target(
      name: "ResultStore",
      dependencies: [
        "CCrypto", "Fidelity", "Models", "Estimators", "Discrete", "Networks", "Tensors",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      exclude: ["README.md"]),
    .target(
      name: "Studies",
      dependencies: [
        "CBuild", "Conformance", "Fidelity", "ResultStore", "Estimators", "Models", "Discrete",
        "Networks", "Tensors",
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["README.md"]),
    .target(
      name: "Reports",
      dependencies: [
        "ResultStore", "Studies", "Conformance", "Fidelity", "Estimators", "Models", "Discrete",
        "Networks", "Tensors",
      ]),
    .target(
      name: "GradientFidelity",
      dependencies: [
        "Tensors", "Networks", "Discrete", "Estimators", "Models", "Fidelity", "Conformance",
        "ResultStore",
        "Studies", "Reports",
      ]),
    .target(
      name: "GradfidCommands",
      dependencies: [
        "GradientFidelity", "Reports", "Studies", "ResultStore", "Conformance", "Fidelity",
        "Models",
        "Estimators", "Discrete", "Networks", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["TOUR.md"]),
    .executableTarget(name: "gradfid", dependencies: ["GradfidCommands"]),
    .executableTarget(
      name: "gradfid-bench",
      dependencies: [
        "GradientFidelity", "Reports", "Studies", "ResultStore", "Conformance", "Fidelity",
        "Models",
        "Estimators", "Discrete", "Networks", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Benchmarks", exclude: ["Peers", "README.md"]),
    // What several test targets need.
    .target(
      name: "TestSupport", dependencies: ["Models", "Networks", "Tensors"],
      path: "Tests/TestSupport"),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels"]),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "Tensors"]),
    .testTarget(name: "DiscreteTests", dependencies: ["Discrete", "Tensors"]),
    .testTarget(name: "EstimatorsTests", dependencies: ["Estimators", "Discrete", "Tensors"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["TestSupport", "Models", "Discrete", "Networks", "Tensors"],
      exclude: ["read_checkpoint.py"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "FidelityTests",
      dependencies: [
        "TestSupport", "ResultStore", "Fidelity", "Models", "Estimators", "Discrete", "Networks",
        "Tensors",
        "CKernels",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "TestSupport", "Conformance", "Fidelity", "Models", "Estimators", "Discrete", "Networks",
        "Tensors",
      ]),
    .testTarget(
      name: "ResultStoreTests",
      dependencies: [
        "ResultStore", "Fidelity", "Models", "Estimators", "Discrete", "Networks", "Tensors",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "TestSupport", "Studies", "ResultStore", "Conformance", "Fidelity", "Estimators", "Models",
        "Discrete",
        "Networks", "Tensors",
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "GradientFidelity", "Reports", "Studies", "ResultStore", "Conformance", "Fidelity",
        "Models",
        "Estimators", "Discrete", "Networks", "Tensors",
      ], exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
