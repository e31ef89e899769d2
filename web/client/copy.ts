// Copies what stands beside a button. Without scripts there is no button, and the
// text can be selected.

const told = document.getElementById("copied")

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
  button.hidden = false
  button.onclick = async () => {
    const source = document.getElementById(button.dataset.copy!)!
    try {
      await navigator.clipboard.writeText(source.textContent ?? "")
      told!.textContent = "Copied."
    } catch {
      getSelection()?.selectAllChildren(source)
      told!.textContent = "It is selected now; please copy it from there."
    }
  }
}
