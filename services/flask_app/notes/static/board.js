// Adds a note through the API and puts it on top of the list.
const form = document.getElementById("add");
const outcome = document.getElementById("outcome");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  outcome.textContent = "";
  for (const input of form.querySelectorAll("input")) input.removeAttribute("aria-invalid");
  try {
    show(await send(Object.fromEntries(new FormData(form))));
    form.text.value = "";
    outcome.textContent = "It is up.";
  } catch (problem) {
    complain(problem.message);
  }
});

async function send(fields) {
  const response = await fetch(form.dataset.api, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

// The API names the field first; people know it by its label.
function complain(message) {
  const [name, ...rest] = message.split(" ");
  const input = form.elements.namedItem(name);
  const words = document.createElement("span");
  words.className = "error";
  words.textContent = input ? [input.labels[0].textContent, ...rest].join(" ") : message;
  input?.setAttribute("aria-invalid", "true");
  outcome.append(words);
}

function show(note) {
  const item = document.createElement("li");
  const author = document.createElement("strong");
  author.textContent = note.author;
  item.append(author, ` ${note.text}`);
  document.getElementById("notes").prepend(item);
}
