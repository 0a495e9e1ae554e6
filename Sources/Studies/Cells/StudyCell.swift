import Discrete
import Fidelity
import Foundation
import ResultStore
import Tensors

/// One resolved cell: one estimator setting held against one target on one problem with one set of weights.
///
/// Its hash covers everything its numbers depend on, with defaults filled in, and nothing else:
/// the same cell in two studies is measured once.
public struct StudyCell: Sendable {
  public let entry: EstimatorEntry
  public let distribution: TargetDistribution
  public let record: CellRecord

  public var hash: String { record.hash }

  /// The request that measures this cell on a layer of the given shape.
  /// - Throws: `DiscreteError.parameter` if the estimator refuses its parameters, `.unsupported` if
  ///   it does not work on such a layer.
  func request(_ shape: LayerShape, _ catalogue: Catalogue) throws -> FidelityRequest {
    guard let descriptor = catalogue.estimator(entry.kind) else {
      throw DiscreteError.parameter("unknown estimator kind '\(entry.kind)'")
    }
    if let refusal = descriptor.refusal(shape, entry.parameters) {
      throw DiscreteError.unsupported(refusal)
    }
    return try FidelityRequest(
      estimator: descriptor.make(entry.parameters), distribution: distribution, name: entry.kind
    ).adapted(to: shape)
  }

  /// Whether the estimator stands at the input of a quantiser.
  func isSurrogate(_ catalogue: Catalogue) -> Bool {
    catalogue.estimator(entry.kind)?.isSurrogate(entry.parameters) == true
  }

  /// What `--only` selects by: `key=value` pairs or plain text, all of which must occur.
  public func matches(_ selection: String) -> Bool {
    selection.split(separator: ",").allSatisfy { term in
      let parts = term.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, let field = StudyCell.selectable[parts[0]] {
        return field(record).contains(parts[1])
      }
      return [record.problem, record.weights, record.estimatorLabel, record.targetDistribution]
        .contains { $0.contains(term) }
    }
  }

  /// What to say of a selection that selects nothing, where a key looks misspelt.
  public static func selectionHint(_ selection: String) -> String? {
    let keys = selection.split(separator: ",").compactMap { term -> String? in
      let parts = term.split(separator: "=", maxSplits: 1)
      return parts.count == 2 && selectable[String(parts[0])] == nil ? String(parts[0]) : nil
    }
    let known = selectable.keys.sorted()
    let near = keys.lazy.compactMap { key in
      NearestName.question(for: key, among: known).map { "'\(key)' is no key; \($0)" }
    }.first
    return near
      ?? keys.first.map {
        "'\($0)' is no key and in no name; keys: \(known.joined(separator: ", "))"
      }
  }

  /// Whether the estimator is of the kind named, or, where the text is no kind, has it in its label.
  func isEstimator(_ text: String, _ catalogue: Catalogue) -> Bool {
    catalogue.estimator(text) == nil
      ? record.estimatorLabel.contains(text) : record.estimator == text
  }

  private static let selectable: [String: @Sendable (CellRecord) -> String] = [
    "estimator": { $0.estimatorLabel }, "problem": { $0.problem }, "state": { $0.weights },
    "law": { $0.targetDistribution }, "training": { $0.training ?? "" },
  ]
}

/// All cells of one problem with one set of weights: they share the oracle.
public struct StudyGroup: Sendable {
  public let problem: ProblemEntry
  public let weights: WeightsEntry
  /// The problem with its initial weights.
  let initial: any DiscreteProblem
  /// Identity of the problem with these weights, whatever the formats of its kinds: the key of its random
  /// numbers.
  let identity: String
  /// Hash of all that the problem with these weights depends on: it names files, and stands in them.
  let weightsHash: String
  /// Fingerprint of the named checkpoint that the cells were resolved with.
  let checkpoint: String?
  /// Hash of the training that leads to the weights, whatever its length; nil for weights that are
  /// not trained here.
  let training: String?
  public let cells: [StudyCell]
}
