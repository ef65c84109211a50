import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Forbids imports that go sideways or back: app → features → components → lib. */
function layer(folder, forbidden) {
  const patterns = forbidden.map((name) => ({
    group: [`@/${name}/*`, `@/${name}`],
    message: `${folder} may not import from ${name}: app → features → components → lib`,
  }));
  return { files: [`src/${folder}/**`], rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default defineConfig([
  globalIgnores([".next", "out", "next-env.d.ts", "**/*.gen.ts"]),
  tseslint.configs.strict,
  hooks.configs.flat.recommended,
  // Long lists are virtual; the compiler leaves the few components that use it as they are.
  { rules: { "react-hooks/incompatible-library": "off" } },
  layer("lib", ["components", "features", "app"]),
  layer("components", ["features", "app"]),
  layer("features", ["app", "features"]),
]);
