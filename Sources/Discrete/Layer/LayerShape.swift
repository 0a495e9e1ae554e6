/// Sizes of one factorised categorical layer: `rows` data rows, each with `latents` independent
/// categorical variables of `categories` categories, or of numbers of their own (`levels`).
///
/// Arrays of a layer are row-major: `[rows][latents][categories]`. Bernoulli variables have two
/// categories; category 1 is "on". In a layer with `levels` the arrays are as wide as the latent of most
/// categories: what stands beyond a latent's own categories is padding, with probability 0, `df/dz` 0 and
/// estimate 0.
public struct LayerShape: Hashable, Sendable, Codable {
  /// Number of data rows `B`.
  public let rows: Int
  /// Number of latents `D` of each row.
  public let latents: Int
  /// Number of categories `K` of each latent; where they differ, the largest.
  public let categories: Int
  /// Number of categories `K_d` of each latent where they differ; empty where all are `categories`.
  public let levels: [Int]

  public init(rows: Int, latents: Int, categories: Int) {
    self.rows = rows
    self.latents = latents
    self.categories = categories
    levels = []
  }

  /// A layer whose latents have these numbers of categories; a uniform one where they are all the same.
  public init(rows: Int, categories: [Int]) {
    self.rows = rows
    latents = categories.count
    self.categories = categories.max() ?? 0
    levels = categories.allSatisfy { $0 == categories.first } ? [] : categories
  }

  /// Whether latents have different numbers of categories.
  public var isRagged: Bool { !levels.isEmpty }

  /// Number of categories of one latent.
  public func categories(of latent: Int) -> Int { levels.isEmpty ? categories : levels[latent] }

  /// Length `D K` of one row's logits, padding included.
  public var width: Int { latents * categories }

  /// Length `B D K` of the whole layer, padding included.
  public var count: Int { rows * width }

  /// Number of categories of all latents, `sum_d K_d`: `width` without padding.
  public var packedWidth: Int { levels.isEmpty ? width : levels.reduce(0, +) }

  /// `sum_d (K_d - 1)`: how many differences of logits there are.
  public var freeCategories: Int { packedWidth - latents }

  /// Number of joint codes `prod_d K_d` of one row, or nil where it exceeds `limit`.
  public func jointCodes(limit: Int) -> Int? {
    var jointCodes = 1
    for latent in 0..<latents {
      let (product, overflow) = jointCodes.multipliedReportingOverflow(by: categories(of: latent))
      if overflow || product > limit { return nil }
      jointCodes = product
    }
    return jointCodes
  }

  /// The same layer with another number of rows.
  public func with(rows: Int) -> LayerShape {
    guard isRagged else { return LayerShape(rows: rows, latents: latents, categories: categories) }
    return LayerShape(rows: rows, categories: levels)
  }

  /// The layer of the first latents alone; of more latents than there are, as many of the same number of
  /// categories where they have the same.
  public func prefix(latents count: Int) -> LayerShape {
    guard isRagged else { return LayerShape(rows: rows, latents: count, categories: categories) }
    return LayerShape(rows: rows, categories: Array(levels.prefix(count)))
  }

  /// The layer in which all latents have as many categories as the latent of most.
  public var coveringUniform: LayerShape {
    LayerShape(rows: rows, latents: latents, categories: categories)
  }

  /// Where the categories that there are stand in a row of length `width`.
  public var places: [Int] {
    (0..<latents).flatMap { latent in
      (0..<categories(of: latent)).map { latent * categories + $0 }
    }
  }

  /// The same in the whole layer, `[B][D][K]`.
  public var allPlaces: [Int] {
    let own = places
    return (0..<rows).flatMap { row in own.map { row * width + $0 } }
  }
  /// Numbers that stand for the categories of rows one after the other, `[...][sum_d K_d]`, as padded
  /// arrays `[...][D][K]`.
  ///
  /// - Parameter filling: what stands in the padding.
  public func padded(_ packed: [Double], filling: Double) -> [Double] {
    guard isRagged else { return packed }
    var result: [Double] = []
    result.reserveCapacity(packed.count / max(1, packedWidth) * width)
    var rest = packed[...]
    while !rest.isEmpty {
      for level in levels {
        result += rest.prefix(level)
        result += repeatElement(filling, count: categories - level)
        rest = rest.dropFirst(level)
      }
    }
    return result
  }

  /// The joint codes of one row in numbers: `4^3`, or `8 x 5 x 5`.
  public var jointCodesText: String {
    isRagged ? levels.map(String.init).joined(separator: " x ") : "\(categories)^\(latents)"
  }

  /// The sizes in numbers: `8 x 3 x 4`, or `8 x 3 x (8, 5, 5)`.
  public var sizesText: String {
    "\(rows) x \(latents) x \(isRagged ? "(\(levelsText))" : levelsText)"
  }

  /// The numbers of categories in words: `4 categories`, or `8, 5, 5 categories`.
  public var categoriesText: String {
    "\(levelsText) categories"
  }

  /// The numbers of categories: `4`, or `8, 5, 5`.
  public var levelsText: String {
    isRagged ? levels.map(String.init).joined(separator: ", ") : "\(categories)"
  }
}
