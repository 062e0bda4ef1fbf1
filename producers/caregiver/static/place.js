/* Where the phone is, if it can say so in time. Nothing waits for it longer than WAIT_MS, nothing fails by it. */
export const WAIT_MS = 8000;

export function whereAmI() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) { resolve(null); return; }
    const give = setTimeout(() => resolve(null), WAIT_MS);
    const answer = (value) => { clearTimeout(give); resolve(value); };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => answer({ lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.ceil(coords.accuracy), mocked: false }),
      () => answer(null),
      { enableHighAccuracy: true, timeout: WAIT_MS - 500, maximumAge: 15000 },
    );
  });
}
