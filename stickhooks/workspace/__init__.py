"""Working trees and git: where a path lies, what git says."""
