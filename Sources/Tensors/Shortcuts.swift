import CKernels

/// The faster ways to numbers that have a slower one beside them.
///
/// All are taken. Tests and benchmarks leave some out, to hold fast and slow against each other: no command,
/// study or public function does.
package struct Shortcuts: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Our matrix products, beside OpenBLAS.
  package static let ownProducts = Shortcuts(rawValue: 1)
  /// A code that several rows or draws meet is decoded once, instead of every time.
  package static let sharedCodes = Shortcuts(rawValue: 2)
  /// Gradients of all joint codes by a Jacobian a joint code, instead of a backward pass a row.
  package static let jointCodeJacobians = Shortcuts(rawValue: 4)
  /// Compiled kernels that draw, map and sum in one pass, instead of `combine`.
  package static let fusedKernels = Shortcuts(rawValue: 8)
  /// Sixteen draws side by side in float32, instead of `combine`.
  package static let lanes = Shortcuts(rawValue: 16)

  /// Programs that are three dense operations with ReLU between them by the kernels of such networks, instead
  /// of operation by operation.
  package static let densePrograms = Shortcuts(rawValue: 32)

  /// All of them with their names.
  package static let named: [(name: String, shortcut: Shortcuts)] = [
    ("own matrix product", .ownProducts), ("shared codes", .sharedCodes),
    ("Jacobians of joint codes", .jointCodeJacobians), ("fused kernels", .fusedKernels),
    ("lanes", .lanes),
    ("dense programs", .densePrograms),
  ]

  /// What the calling thread leaves out.
  package static var off: Shortcuts { Shortcuts(rawValue: gf_shortcuts_off()) }

  /// Whether the calling thread takes it.
  package var isOn: Bool { Shortcuts.off.isDisjoint(with: self) }

  /// Runs `body` without some shortcuts, on this thread and on the workers that it starts.
  package static func without<Result, Failure: Error>(
    _ shortcuts: Shortcuts, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = gf_shortcuts_off()
    gf_set_shortcuts_off(shortcuts.rawValue)
    defer { gf_set_shortcuts_off(before) }
    return try body()
  }
}
