// Says that a document is being checked, and takes one that is dropped.

const form = document.getElementById("check") as HTMLFormElement
const progress = document.getElementById("progress")!
const drop = form.querySelector<HTMLElement>(".drop")!
const input = form.querySelector<HTMLInputElement>("input[type=file]")!

form.onsubmit = () => {
  progress.textContent = `Checking ${input.files?.[0]?.name ?? "the document"} …`
  form.setAttribute("aria-busy", "true")
}

// Back from the answer, the page is as it was left.
window.addEventListener("pageshow", () => {
  progress.textContent = ""
  form.removeAttribute("aria-busy")
})

for (const name of ["dragover", "dragleave", "drop"] as const) {
  drop.addEventListener(name, (event) => {
    event.preventDefault()
    drop.classList.toggle("over", name === "dragover")
  })
}
drop.addEventListener("drop", (event) => {
  const files = event.dataTransfer?.files
  if (!files?.length) return
  input.files = files
  form.requestSubmit()
})
