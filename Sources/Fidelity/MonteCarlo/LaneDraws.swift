import CKernels
import Discrete

/// Evaluated draws of every row in float32, sixteen draws side by side: tiles, as the kernels take
/// them.
struct LaneDraws: Sendable {
  /// Draw numbers.
  let range: Range<Int>
  let shape: LayerShape
  /// Samples of an estimate.
  let samples: Int
  /// Category indices, `[rows][samples][tiles][D][lanes]`.
  var codes: [Int32] = []
  /// `f`, `[samples][rows][draws]`; empty if not asked for.
  var values: [[Double]] = []
  /// `df/dz` at the first sample, `[rows][tiles][DK][lanes]`; empty if not asked for.
  var gradients: [Float] = []
  /// Perturbed logits less that of the code, `[rows][tiles][DK][lanes]`; empty if not asked for.
  var noise: [Float] = []

  static let lanes = Int(GF_LANES)

  /// Tiles of a row.
  var tiles: Int { (range.count + Self.lanes - 1) / Self.lanes }
  /// Draws with those that fill the last tile.
  var stride: Int { tiles * Self.lanes }
  /// Numbers of one row in an array of tiles.
  var rowCount: Int { stride * shape.width }
  /// Codes of one row.
  var rowCodes: Int { samples * stride * shape.latents }
  var size: gf_tiles {
    gf_tiles(latents: shape.latents, k: shape.categories, tiles: tiles)
  }

  /// Tiles of `rows[rows][draws][DK]`.
  func tiled(_ rows: [Float]) -> [Float] {
    let (count, width) = (range.count, shape.width)
    return [Float](unsafeUninitializedCapacity: shape.rows * rowCount) { buffer, initialized in
      rows.withUnsafeBufferPointer { rows in
        guard let to = buffer.baseAddress, let from = rows.baseAddress else { return }
        for row in 0..<shape.rows {
          gf_tiles_from_rows(from + row * count * width, count, width, 0, to + row * rowCount)
        }
      }
      initialized = shape.rows * rowCount
    }
  }

  /// The draws of one row of tiles as `[draws][DK]`.
  func rows(_ tiles: [Float], row: Int) -> [Float] {
    let count = range.count * shape.width
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      tiles.withUnsafeBufferPointer { tiles in
        guard let from = tiles.baseAddress else { return }
        gf_rows_from_tiles(from + row * rowCount, range.count, shape.width, buffer.baseAddress)
      }
      initialized = count
    }
  }

  /// Codes of one row and sample, `[draws][D]`.
  func codes(row: Int, sample: Int) -> [Int32] {
    let first = row * rowCodes + sample * stride * shape.latents
    return (0..<range.count * shape.latents).map { index in
      let (draw, latent) = (index / shape.latents, index % shape.latents)
      return codes[
        first + (draw / Self.lanes * shape.latents + latent) * Self.lanes + draw % Self.lanes]
    }
  }
}
