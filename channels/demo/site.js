// An ordinary site's script: it listens to messages too, and must see nothing of the conversation.
window.heard = [];
addEventListener("message", ({ data }) => window.heard.push(JSON.stringify(data)));
