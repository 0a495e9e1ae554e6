import Discrete
import Fidelity
import Foundation
import Models
import ResultStore

/// Measures sampled gradients of a file and stores them as a cell of a study of their own kind.
///
/// A study holds one cell per label: measuring the same label again replaces its cell, so several
/// estimators are compared by measuring each under one study name. A cell whose files and options
/// are in the store already is not measured again.
public struct SampleStudy: Sendable {
  public let request: SampleRequest
  /// Name of the study, by the rule of study files.
  public let name: String
  /// Label of the estimator.
  public let label: String
  /// Oracle calls of one sample, a gradient counted as three; nil where they are not known.
  public let calls: Int?

  /// How the measurement ended.
  public struct Outcome: Sendable {
    /// First 12 characters of the cell's hash, as in the views.
    public let cell: String
    /// The report; nil where the store had the cell already.
    public let report: SampleReport?
  }

  /// Version of the resolved form: part of every cell's hash. 2: archives are read as NumPy reads
  /// them, references are independent.
  static let format = 2
  static let kind = "sample-files"

  /// - Parameters:
  ///   - name: by default the base name of the samples' file, in small letters.
  ///   - label: by default the base name itself.
  ///   - calls: what `budget` charges for a sample.
  /// - Throws: `StudyRunError.samples` for a name that is against the rule.
  public init(
    _ request: SampleRequest, name: String? = nil, label: String? = nil, calls: Int? = nil
  ) throws {
    self.request = request
    self.calls = calls
    let base = FilePath.stem(request.samples.path)
    let usual = NameRule.study.accepts(base) ? base : NameRule.study.nearest(to: base) ?? "samples"
    self.name = name ?? usual
    self.label = label ?? base
    guard NameRule.study.accepts(self.name) else {
      let nearest = NameRule.study.nearest(to: self.name).map { "; '\($0)' would do" } ?? ""
      throw StudyRunError.samples(
        "'\(self.name)' is no study name: \(NameRule.study.inWords(for: self.name))\(nearest)")
    }
    guard !self.label.isEmpty else { throw StudyRunError.samples("the label is empty") }
  }

  /// Measures what is missing and stores it.
  ///
  /// - Throws: `ModelFileError` for a broken file or a reference that shares draws with the samples,
  ///   `StoreError`, `StudyRunError.samples` where a
  ///   study file owns the study's name. Nothing is stored then.
  public func run(store: ResultStore, record: RunRecord) throws -> Outcome {
    let earlier = try earlierCells(store)
    let cell = try cellRecord()
    var cells = earlier.filter { $0.estimatorLabel != label }
    let place = earlier.firstIndex { $0.estimatorLabel == label } ?? cells.count
    cells.insert(cell, at: min(place, cells.count))
    try request.checkIndependence()
    let known = try store.result(cellHash: cell.hash)?.state == .done
    let report = known ? nil : try request.measure()
    let handle = try store.beginRun(study: try studyRecord(cells), cells: cells, run: record)
    if let report {
      try store.save(
        CellResult(
          cellHash: cell.hash, state: .done, moments: MomentMethod.monteCarlo.rawValue,
          target: cell.target, seconds: report.seconds,
          measurements: (report.numbers + (calls.map(request.callNumbers) ?? [])).map(
            Measurement.init)),
        run: handle)
    }
    try store.finishRun(handle, exitCode: 0)
    return Outcome(cell: String(cell.hash.prefix(12)), report: report)
  }

  /// Cells of the study so far.
  private func earlierCells(_ store: ResultStore) throws -> [CellRecord] {
    guard let study = try store.studies().first(where: { $0.study.name == name }) else { return [] }
    guard Self.owns(study.study) else {
      throw StudyRunError.samples(
        "the store has a study '\(name)' of the file \(study.study.file); give another --name")
    }
    return try store.cells(study: name)
  }

  /// Whether a stored study is one of measured files.
  static func owns(_ study: StudyRecord) -> Bool {
    study.resolvedJSON.contains("\"kind\":\"\(kind)\"")
  }

  private func cellRecord() throws -> CellRecord {
    let samples = try arrayJSON(request.samples)
    let reference = try arrayJSON(request.reference.location)
    let sampled: Bool
    switch request.reference {
    case .exact: sampled = false
    case .samples: sampled = true
    }
    let problem = CanonicalJSON.object([
      "kind": .text(Self.kind), "reference": reference, "reference-samples": .flag(sampled),
    ])
    let estimator = CanonicalJSON.object([
      "kind": .text(Self.kind), "label": .text(label), "samples": samples,
    ])
    let groups = try request.groups.map { CanonicalJSON.text(try FileFingerprint.sha256($0)) }
    var measure: [String: CanonicalJSON] = [
      "blocks": .integer(request.blocks), "level": .number(request.level),
      "groups": groups ?? .text(""),
    ]
    // Only where they are given: cells without them keep their hash.
    if let calls { measure["calls"] = .integer(calls) }
    let resolved = CanonicalJSON.object([
      "format": .integer(Self.format), "problem": problem, "estimator": estimator,
      "measure": .object(measure),
    ])
    return CellRecord(
      hash: try resolved.contentHash(),
      problem: "file \(FilePath.name(request.reference.location.path))",
      problemJSON: try problem.rendered(), weights: "file", estimator: Self.kind,
      estimatorLabel: label, estimatorJSON: try estimator.rendered(), tauForward: nil,
      tauBackward: nil,
      target: (sampled ? TargetGradient.Method.monteCarlo : .exact).rawValue,
      targetDistribution: TargetDistribution.own.rawValue, seed: 0,
      resolvedJSON: try resolved.rendered())
  }

  /// An array is known by its file's content and, in an archive, by its name.
  private func arrayJSON(_ location: SampleLocation) throws -> CanonicalJSON {
    .object([
      "sha256": .text(try FileFingerprint.sha256(location.path)),
      "array": .text(location.array ?? ""),
    ])
  }

  private func studyRecord(_ cells: [CellRecord]) throws -> StudyRecord {
    let resolved = CanonicalJSON.object([
      "format": .integer(Self.format), "kind": .text(Self.kind), "name": .text(name),
      "cells": .array(cells.map { .text($0.hash) }),
    ])
    return StudyRecord(
      name: name, file: request.samples.path, contentHash: try resolved.contentHash(),
      resolvedJSON: try resolved.rendered())
  }
}
