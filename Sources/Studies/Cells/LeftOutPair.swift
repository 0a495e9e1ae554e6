/// An estimator and a problem with weights that a study names and that make no cell, because the estimator
/// does not work on the problem's layer or cost, or its settings do not go together.
public struct LeftOutPair: Sendable, Equatable {
  /// Label of the problem.
  public let problem: String
  public let weights: String
  /// Kind of the estimator.
  public let kind: String
  /// Label of the estimator.
  public let estimator: String
  /// Cells that the pair would have: one per target distribution.
  public let cells: Int
  /// Why, with the remedy.
  public let reason: String
  /// Why, in words that several estimators share; nil where it is the layer.
  let cause: String?

  /// Whether it is the layer that the estimator does not work on.
  public var isOfLayer: Bool { cause == nil }
}

extension ResolvedStudy {
  /// Says what is left out, for people: a count, then one line per problem and reason, with the
  /// reason itself where it concerns one estimator alone. Empty where nothing is left out.
  public var leftOutNotes: [String] {
    guard !leftOut.isEmpty else { return [] }
    var problems: [String] = []
    var pairs: [String: [LeftOutPair]] = [:]
    for pair in leftOut {
      if pairs[pair.problem] == nil { problems.append(pair.problem) }
      pairs[pair.problem, default: []].append(pair)
    }
    let cells = leftOut.reduce(0) { $0 + $1.cells }
    let what = leftOut.allSatisfy(\.isOfLayer) ? "problem's layer" : "problem"
    return [
      "note: \(cells) \(cells == 1 ? "cell" : "cells") left out, of estimators that do not work on a \(what)"
    ]
      + problems.flatMap { problem in
        Dictionary(grouping: pairs[problem] ?? [], by: \.cause)
          .sorted { ($0.key ?? "") < ($1.key ?? "") }
          .map { cause, members -> String in
            var kinds: [String] = []
            for pair in members where !kinds.contains(pair.kind) { kinds.append(pair.kind) }
            guard kinds.count > 1 else { return "  \(problem): \(members[0].reason)" }
            return "  \(problem): \(kinds.joined(separator: ", "))"
              + (cause.map { " (\($0))" } ?? "")
          }
      }
  }
}
