import Discrete

/// Whether the joint states of a layer can be enumerated, and the remedy where they cannot.
public struct EnumerationBounds: Sendable {
  /// What the states are wanted for.
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
  /// Most joint states of a row that may be enumerated.
  public let maxStates: Int

  public init(shape: LayerShape, maxStates: Int) {
    self.shape = shape
    self.maxStates = maxStates
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
        OracleTable.states(shape.with(rows: middle), limit: maxStates, gradients: gradients) != nil
      if fits { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// What to say where the states cannot be enumerated: the reason and the remedy. Nil where they
  /// can.
  public func refusal(_ purpose: Purpose, gradients: Bool) -> String? {
    guard OracleTable.states(shape, limit: maxStates, gradients: gradients) == nil else {
      return nil
    }
    let states = "\(shape.statesText) states"
    let latents = mostLatents(gradients: gradients)
    var remedies = ["use \(purpose.other)"]
    guard shape.jointStates(limit: maxStates) != nil else {
      remedies.append(
        latents > 0
          ? "at most \(EnumerationBounds.counted(latents, "latent"))"
          : "at most \(EnumerationBounds.counted(maxStates, "category"))")
      return
        "\(purpose.need) \(states): \(remedies.joined(separator: ", or ")) (the limit is \(maxStates) states)"
    }
    let rows = mostRows(gradients: gradients)
    if rows > 0 { remedies.append("at most \(EnumerationBounds.counted(rows, "row"))") }
    if latents > 0 { remedies.append("at most \(EnumerationBounds.counted(latents, "latent"))") }
    return
      "\(purpose.need) a table of \(EnumerationBounds.counted(shape.rows, "row")) and \(states): \(remedies.joined(separator: ", or ")) (the limit is \(OracleTable.byteLimit >> 30) GiB)"
  }

  private func fits(latents: Int, gradients: Bool) -> Bool {
    OracleTable.states(
      shape.prefix(latents: latents), limit: maxStates, gradients: gradients) != nil
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    if count == 1 { return "1 \(noun)" }
    return "\(count) \(noun == "category" ? "categories" : noun + "s")"
  }
}
