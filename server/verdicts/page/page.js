// Votes without leaving the page where scripts run; without them the form does the same.
for (const form of document.querySelectorAll('form[data-vote]')) {
  form.addEventListener('submit', async (event) => {
    const button = event.submitter
    if (!button?.value) return
    event.preventDefault()
    const status = form.querySelector('[data-status]')
    const reply = await fetch(`/v1/comparisons/${encodeURIComponent(form.dataset.vote)}/vote`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ choice: button.value }),
    }).catch(() => null)
    if (reply?.ok) location.reload()
    else
      status.textContent =
        (await reply?.json().catch(() => null))?.error?.sentence ?? 'The house did not answer; try again.'
  })
}
