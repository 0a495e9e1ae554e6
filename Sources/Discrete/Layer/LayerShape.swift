/// Sizes of one factorised categorical layer: `rows` data rows, each with `latents` independent
/// categorical variables of `categories` categories.
///
/// Arrays of a layer are row-major: `[rows][latents][categories]`. Bernoulli variables have two
/// categories; category 1 is "on".
public struct LayerShape: Hashable, Sendable, Codable {
  /// Number of data rows `B`.
  public var rows: Int
  /// Number of latents `D` of each row.
  public var latents: Int
  /// Number of categories `K` of each latent.
  public var categories: Int

  public init(rows: Int, latents: Int, categories: Int) {
    self.rows = rows
    self.latents = latents
    self.categories = categories
  }

  /// Length `D * K` of one row's logits.
  public var width: Int { latents * categories }

  /// Length `B * D * K` of the whole layer.
  public var count: Int { rows * width }

  /// Number of joint states `K^D` of one row, or nil where it exceeds `limit`.
  public func jointStates(limit: Int) -> Int? {
    var states = 1
    for _ in 0..<latents {
      let (product, overflow) = states.multipliedReportingOverflow(by: categories)
      if overflow || product > limit { return nil }
      states = product
    }
    return states
  }

  /// The same layer with another number of rows.
  public func with(rows: Int) -> LayerShape {
    LayerShape(rows: rows, latents: latents, categories: categories)
  }
}
