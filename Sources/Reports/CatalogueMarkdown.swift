import Discrete

/// The catalogue of estimators as a Markdown page, and single entries of it.
public enum CatalogueMarkdown {
  /// The command that writes the page of the repository.
  public static let command =
    "gradfid describe --all --format markdown > Sources/Estimators/CATALOGUE.md"

  /// The page: an overview by family, then one section per estimator.
  public static func page(_ catalogue: Catalogue) -> String {
    let entries = catalogue.estimators.map {
      (
        descriptor: $0, facts: EstimatorFacts($0),
        moments: EstimatorMoments($0, problems: catalogue.problems)
      )
    }
    var text = """
      # Catalogue of estimators

      Written by `\(command)`; change the descriptors, not this page. \(entries.count) estimators. Notation: [`README.md`](README.md).

      **calls** are those of the defaults per estimate of one row, a gradient counted as three values; where they grow with the layer, those on a small one (2 latents of 3 categories, or of 2), marked `+`. **moments** says how mean and variance are got on a
      layer of few joint codes. **invariants** hold for every single estimate and are tested; renaming the categories holds in distribution.

      """
    let families = EstimatorFamily.allCases.filter { family in
      entries.contains { $0.descriptor.family == family }
    }
    for family in families {
      text += "\n## \(family.rawValue)\n\n"
      text +=
        "| estimator | domain | bias | exact on | calls | moments |\n|---|---|---|---|---:|---|\n"
      for (descriptor, facts, moments) in entries where descriptor.family == family {
        text += row([
          "[`\(descriptor.name)`](#\(descriptor.name))", descriptor.domain.rawValue,
          descriptor.bias.rawValue, descriptor.exactOn,
          facts.map { "\($0.calls)\($0.callsGrow ? "+" : "")" } ?? "",
          moments?.rawValue ?? "",
        ])
      }
    }
    for family in families {
      for (descriptor, facts, moments) in entries where descriptor.family == family {
        text += "\n" + section(descriptor, facts, moments)
      }
    }
    return text
  }

  /// The section of one estimator.
  public static func section(_ descriptor: EstimatorDescriptor, in catalogue: Catalogue) -> String {
    section(
      descriptor, EstimatorFacts(descriptor),
      EstimatorMoments(descriptor, problems: catalogue.problems))
  }

  /// The section of one problem.
  public static func section(_ descriptor: ProblemDescriptor) -> String {
    heading(descriptor.name, descriptor.summary)
      + row(["formula", code(descriptor.formula)]) + row(["source", descriptor.source])
      + row(["trainable", descriptor.trainable ? "yes" : "no"])
      + parameters(descriptor.parameters)
  }

  private static func section(
    _ descriptor: EstimatorDescriptor, _ facts: EstimatorFacts?, _ moments: EstimatorMoments?
  ) -> String {
    var text = heading(descriptor.name, descriptor.summary)
    text += row(["formula", code(descriptor.formula)])
    text +=
      row(["family", descriptor.family.rawValue]) + row(["domain", descriptor.domain.rawValue])
    text += row(["bias", descriptor.bias.rawValue]) + row(["exact on", descriptor.exactOn])
    text += row(["cost", descriptor.cost])
    if let facts { text += row(["calls", CatalogueText.calls(facts)]) }
    if let moments { text += row(["moments", CatalogueText.words(moments)]) }
    if let tail = facts.flatMap({ CatalogueText.words($0.tail) }) { text += row(["tail", tail]) }
    text += row(["invariants", CatalogueText.invariants(descriptor.invariants)])
    text += row(["source", descriptor.source])
    text += parameters(descriptor.parameters)
    if !descriptor.traps.isEmpty {
      text += "\nTraps:\n\n" + descriptor.traps.map { "- \(escaped($0))\n" }.joined()
    }
    return text
  }

  private static func heading(_ name: String, _ summary: String) -> String {
    "### \(name)\n\n\(escaped(summary))\n\n| | |\n|---|---|\n"
  }

  private static func parameters(_ specs: [ParameterSpec]) -> String {
    guard !specs.isEmpty else { return "" }
    return "\n| parameter | meaning | allowed | default |\n|---|---|---|---|\n"
      + specs.map { spec in
        row([
          "`\(spec.name)`", spec.summary, spec.kind.allowed,
          spec.defaultValue.map { "\($0)" } ?? "must be given",
        ])
      }.joined()
  }

  /// Text in code: only a table's bar needs escaping there.
  private static func code(_ text: String) -> String { "`\(text)`" }

  private static func row(_ cells: [String]) -> String {
    "| "
      + cells.map { cell in
        let oneLine = cell.replacing("\n", with: " ").replacing("|", with: "\\|")
        return cell.hasPrefix("`") || cell.hasPrefix("[`") ? oneLine : escaped(oneLine)
      }.joined(separator: " | ") + " |\n"
  }

  /// Characters that Markdown would take for marks, as they are written.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "*_<>[]".contains(character) { result += "\\" }
      result.append(character)
    }
    return result
  }
}
