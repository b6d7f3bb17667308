// Runs in the browser, after Swagger UI. Nothing is stored: a token is forgotten with the tab.
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const followColorScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', followColorScheme)
followColorScheme()

// The page may be opened under another name than the one in the description (localhost, 127.0.0.1, a tunnel):
// requests go to the origin that served it, as the policy of the page demands.
const onThisOrigin = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (updateJsonSpec) => (description) =>
          updateJsonSpec({ ...description, servers: [{ url: window.location.origin }] }),
      },
    },
  },
})

const ui = window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [onThisOrigin],
  layout: 'BaseLayout',
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelRendering: 'example',
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  onComplete: () => {
    const title = ui.specSelectors.info().get('title')
    if (title) document.title = `${title}: API reference`
  },
})
