// swift-tools-version: 6.1
import PackageDescription

// A package of one's own: an estimator, a problem, and a command line that knows both.
// In a package elsewhere, name the repository by its URL instead of by its path.
let package = Package(
  name: "extension-package",
  dependencies: [.package(name: "GradientFidelity", path: "../..")],
  targets: [
    .executableTarget(
      name: "my-gradfid",
      dependencies: [
        .product(name: "GradientFidelity", package: "GradientFidelity"),
        .product(name: "GradfidCommands", package: "GradientFidelity"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
