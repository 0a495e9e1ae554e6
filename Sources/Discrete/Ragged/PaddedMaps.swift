extension LocalJacobians {
  /// Maps of latents of different numbers of categories as `K x K` maps of one size, with zeros in the padding.
  ///
  /// - Parameters:
  ///   - parts: maps of groups of latents, each of the group's own size; together of all latents. With noise in
  ///     all of them or in none, of the same scale and number of draws.
  ///   - categories: `K`.
  init(padding parts: [(latents: [Int], maps: LocalJacobians)], latents: Int, categories: Int) {
    let depends = parts.contains { $0.maps.dependsOnCategory }
    let (distributions, square) = (depends ? categories : 1, categories * categories)
    var means = [Double](repeating: 0, count: latents * distributions * square)
    var moments = [(any SurrogateMoments)?](repeating: nil, count: latents)
    for (members, maps) in parts {
      let size = maps.categories
      let own = size * size * (maps.dependsOnCategory ? size : 1)
      for (place, latent) in members.enumerated() {
        let map = maps.means[place * own..<(place + 1) * own]
        for distribution in 0..<(depends ? size : 1) {
          let from = map.startIndex + (maps.dependsOnCategory ? distribution * size * size : 0)
          for index in 0..<size * size {
            means[
              (latent * distributions + distribution) * square + index / size * categories + index
                % size] =
              map[from + index]
          }
        }
        moments[latent] = maps.noise.map {
          PaddedSurrogateMoments($0.moments[place], size: size, categories: categories)
        }
      }
    }
    self.init(
      latents: latents, categories: categories, dependsOnCategory: depends, means: means)
    if let first = parts.first?.maps.noise {
      noise = (first.scale, moments.compactMap(\.self), first.draws)
    }
  }
}

/// Moments of a map of `size` categories among `categories`, with zeros in the padding.
struct PaddedSurrogateMoments: SurrogateMoments {
  private let inner: any SurrogateMoments
  private let size: Int
  private let categories: Int

  init(_ inner: any SurrogateMoments, size: Int, categories: Int) {
    self.inner = inner
    self.size = size
    self.categories = categories
  }

  /// Distributions in the padding have the zero map.
  var distributions: Int { inner.distributions > 1 ? categories : 1 }

  var jacobianMeans: [Double] {
    let own = inner.jacobianMeans
    var means = [Double](repeating: 0, count: distributions * categories * categories)
    for index in own.indices { means[place(index)] = own[index] }
    return means
  }

  func sandwich(_ matrices: [Double]) -> [Double] {
    let own = (0..<inner.distributions * size * size).map { matrices[place($0)] }
    let product = inner.sandwich(own)
    var result = [Double](repeating: 0, count: categories * categories)
    for index in product.indices { result[place(index)] = product[index] }
    return result
  }

  /// Where an entry `[distribution][i][j]` of side `size` stands among those of side `categories`.
  private func place(_ index: Int) -> Int {
    let (line, column) = (index / size, index % size)
    return (line / size * categories + line % size) * categories + column
  }
}
