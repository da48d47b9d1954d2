// Adds a note through the API and puts it on top of the list.
const form = document.getElementById("add");
const outcome = document.getElementById("outcome");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  outcome.textContent = "";
  try {
    show(await send(Object.fromEntries(new FormData(form))));
    form.text.value = "";
    outcome.textContent = "It is up.";
  } catch (problem) {
    outcome.textContent = problem.message;
  }
});

async function send(fields) {
  const response = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

function show(note) {
  const item = document.createElement("li");
  const author = document.createElement("strong");
  author.textContent = note.author;
  item.append(author, ` ${note.text}`);
  document.getElementById("notes").prepend(item);
}
