import Discrete

/// Whether the joint codes of a layer can be enumerated, and the remedy where they cannot.
public struct EnumerationBounds: Sendable {
  /// What the joint codes are wanted for.
  public enum Purpose: Sendable {
    case target
    case moments

    fileprivate var need: String {
      self == .target ? "an exact target needs" : "exact moments need"
    }
    fileprivate var other: String {
      self == .target ? "a Monte Carlo target" : "Monte Carlo moments"
    }
  }

  public let shape: LayerShape
  /// Most joint codes of a row that may be enumerated.
  public let maxJointCodes: Int

  public init(shape: LayerShape, maxJointCodes: Int) {
    self.shape = shape
    self.maxJointCodes = maxJointCodes
  }

  /// Most latents of as many categories whose table is within both limits; 0 where not even one is.
  public func mostLatents(gradients: Bool) -> Int {
    var latents = 0
    while latents < shape.latents, fits(latents: latents + 1, gradients: gradients) {
      latents += 1
    }
    return latents
  }

  /// Most rows whose table is within the memory limit; 0 where not even one is.
  public func mostRows(gradients: Bool) -> Int {
    var low = 0
    var high = shape.rows
    while low < high {
      let middle = low + (high - low + 1) / 2
      let fits =
        OracleTable.jointCodes(shape.with(rows: middle), limit: maxJointCodes, gradients: gradients)
        != nil
      if fits { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// What to say where the joint codes cannot be enumerated: the reason and the remedy. Nil where they
  /// can.
  public func refusal(_ purpose: Purpose, gradients: Bool) -> String? {
    guard OracleTable.jointCodes(shape, limit: maxJointCodes, gradients: gradients) == nil else {
      return nil
    }
    let jointCodes = "\(shape.jointCodesText) joint codes"
    let latents = mostLatents(gradients: gradients)
    var remedies = ["use \(purpose.other)"]
    guard shape.jointCodes(limit: maxJointCodes) != nil else {
      remedies.append(
        latents > 0
          ? "at most \(EnumerationBounds.counted(latents, "latent"))"
          : "at most \(EnumerationBounds.counted(maxJointCodes, "category"))")
      return
        "\(purpose.need) \(jointCodes): \(remedies.joined(separator: ", or ")) (the limit is \(maxJointCodes) joint codes)"
    }
    let rows = mostRows(gradients: gradients)
    if rows > 0 { remedies.append("at most \(EnumerationBounds.counted(rows, "row"))") }
    if latents > 0 { remedies.append("at most \(EnumerationBounds.counted(latents, "latent"))") }
    return
      "\(purpose.need) a table of \(EnumerationBounds.counted(shape.rows, "row")) and \(jointCodes): \(remedies.joined(separator: ", or ")) (the limit is \(OracleTable.byteLimit >> 30) GiB)"
  }

  private func fits(latents: Int, gradients: Bool) -> Bool {
    OracleTable.jointCodes(
      shape.prefix(latents: latents), limit: maxJointCodes, gradients: gradients) != nil
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    if count == 1 { return "1 \(noun)" }
    return "\(count) \(noun == "category" ? "categories" : noun + "s")"
  }
}
