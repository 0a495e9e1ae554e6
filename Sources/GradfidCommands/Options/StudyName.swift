import Foundation

/// The name of a stored study: `studies/quickstart.yaml` and `studies/quickstart` mean the study of
/// that file's name.
func studyName(_ text: String) -> String {
  guard text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml") else {
    return text
  }
  return ((text as NSString).lastPathComponent as NSString).deletingPathExtension
}
