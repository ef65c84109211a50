// Draws the one picture that the address names behind its hash, and tells the page around it how large it is.
const image = new Image();
image.alt = "";
image.referrerPolicy = "no-referrer";
image.onload = () => parent.postMessage({ width: image.naturalWidth, height: image.naturalHeight }, "*");
image.onerror = () => parent.postMessage({ failed: true }, "*");
image.src = decodeURIComponent(location.hash.slice(1));
document.body.append(image);
