import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/app.css'
import { App } from './app/app.tsx'
import { startSession } from './session.ts'
import { startTheme } from './theme.ts'

startTheme()
void startSession()
const root = document.getElementById('root')
if (!root) throw new Error('bug: the page has no root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
