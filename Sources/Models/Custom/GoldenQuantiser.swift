import Discrete

/// One quantiser of a reference file, with its fields as they stand there.
package struct GoldenQuantiser: Sendable {
  package let name: String
  package let tokens: TokenFile
  /// The whole object: reference values are read where they are compared.
  package let fields: JSONField

  static let format = "discrete-gradient-golden-quantisers/1"

  init(_ fields: JSONField) throws {
    name = try fields.member("name").text()
    tokens = try QuantiserDecoder.decode(
      fields,
      ignoring: [
        "seed", "codes", "joint_codes", "cell", "forward", "T1", "T2", "T3", "T4", "surrogates",
        "stochastic",
      ])
    self.fields = fields
  }
}
