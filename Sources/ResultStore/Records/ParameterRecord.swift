/// What a store keeps of a cell's single parameters: where their file is, and quantiles over them.
public struct ParameterRecord: Sendable, Equatable {
  /// A quantile over the parameters of a scope.
  public struct Quantile: Sendable, Equatable {
    /// "logits", the name of a parameter group, or "all".
    public var scope: String
    /// The name of the quantity, such as "variance".
    public var quantity: String
    /// From 0 to 1.
    public var quantile: Double
    public var value: Double
    /// A bound of its standard error. A nan is stored as not known.
    public var se: Double?
    /// Parameters that have the quantity.
    public var count: Int

    /// A quantile.
    public init(
      scope: String, quantity: String, quantile: Double, value: Double, se: Double?, count: Int
    ) {
      self.scope = scope
      self.quantity = quantity
      self.quantile = quantile
      self.value = value
      self.se = se
      self.count = count
    }
  }

  /// The name of the safetensors file in the store's folder of parameters.
  public var file: String
  /// Its size in bytes.
  public var bytes: Int
  /// SHA-256 of its bytes.
  public var sha256: String
  /// Numbers of every tensor kind in it: logits and parameters.
  public var coordinates: Int
  /// At most one for each scope, quantity and quantile.
  public var quantiles: [Quantile]

  /// A record.
  public init(
    file: String, bytes: Int, sha256: String, coordinates: Int, quantiles: [Quantile]
  ) {
    self.file = file
    self.bytes = bytes
    self.sha256 = sha256
    self.coordinates = coordinates
    self.quantiles = quantiles
  }
}
