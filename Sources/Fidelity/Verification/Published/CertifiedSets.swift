import Models

/// The sets of published and independently recomputed numbers that are part of the program.
public enum CertifiedSets {
  /// - Throws: `ModelFileError` where a set is not as such files are.
  public static func all() throws -> [PublishedFile] {
    try [
      ("quadratics", PackageResources.quadratics_json),
      ("test-problem-table", PackageResources.test_problem_table_json),
      ("test-problem-targets", PackageResources.test_problem_targets_json),
      ("bernoulli-advantages", PackageResources.bernoulli_advantages_json),
      ("k-subset", PackageResources.k_subset_json),
      ("three-bernoullis", PackageResources.three_bernoullis_json),
    ].map { try PublishedFile(bytes: $0.1, file: "\($0.0).json") }
  }
}
