import Foundation

/// Standard normals from pairs of uniforms (Box and Muller 1958).
enum BoxMuller {
  /// Uniforms that `count` normals take.
  static func uniforms(_ count: Int) -> Int { count + count % 2 }

  /// - Parameter start: place of the first uniform.
  static func normals(_ count: Int, from uniforms: [Double], at start: Int) -> [Double] {
    (0..<count).map {
      let pair = start + $0 / 2 * 2
      let radius = (-2 * log(uniforms[pair])).squareRoot()
      let angle = 2 * Double.pi * uniforms[pair + 1]
      return radius * ($0 % 2 == 0 ? cos(angle) : sin(angle))
    }
  }
}
